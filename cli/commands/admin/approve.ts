import { decisionCommand } from '../../account/applications.ts';

export const command = decisionCommand({
  status: 'approved',
  summary: 'Approve an application',
  description: 'Approves an application for the free tier. The applicant can deploy at once.',
  example: 'trisiel admin approve 0193a5b0-6d6e-7c7a-8d57-3f0a6e3a2b11',
});
