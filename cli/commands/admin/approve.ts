import { decideApplication, describeDecision } from '../../account/applications.ts';
import { defineCommand } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';

export const command = defineCommand({
  summary: 'Approve an application',
  description:
    'Approves an application for the free tier. The applicant can deploy at once. Administrators only; sign in with trisiel login --admin.',
  arguments: {
    application: { value: 'ID', description: 'The ID of the application, from trisiel admin applications.' },
    answer: { value: 'ANSWER', description: 'A message to the applicant.', optional: true },
  },
  options: {},
  examples: [
    { line: 'trisiel admin approve 0193a5b0-6d6e-7c7a-8d57-3f0a6e3a2b11', what: 'Approve one application.' },
  ],
  json: 'the application.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, out }) {
    const decided = await decideApplication(await connect(), 'approved', args);
    await out.give(decided, () => describeDecision(decided));
  },
});
