import { decideApplication, describeDecision } from '../../account/applications.ts';
import { defineCommand } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';

export const command = defineCommand({
  summary: 'Refuse an application',
  description:
    'Refuses an application for the free tier. The applicant can apply again. Administrators only; sign in with trisiel login --admin.',
  arguments: {
    application: { value: 'ID', description: 'The ID of the application, from trisiel admin applications.' },
    answer: { value: 'ANSWER', description: 'A message to the applicant.', optional: true },
  },
  options: {},
  examples: [
    { line: 'trisiel admin refuse 0193a5b0-6d6e-7c7a-8d57-3f0a6e3a2b11', what: 'Refuse one application.' },
  ],
  json: 'the application.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, out }) {
    const decided = await decideApplication(await connect(), 'refused', args);
    await out.give(decided, () => describeDecision(decided));
  },
});
