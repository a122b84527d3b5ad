import { decisionCommand } from '../../account/applications.ts';

export const command = decisionCommand({
  status: 'refused',
  summary: 'Refuse an application',
  description: 'Refuses an application for the free tier. The applicant can apply again.',
  example: 'trisiel admin refuse 0193a5b0-6d6e-7c7a-8d57-3f0a6e3a2b11',
});
