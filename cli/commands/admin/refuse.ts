import { decideApplication, describeDecision } from '../../account/applications.ts';
import { defineCommand } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';

export const command = defineCommand({
  summary: 'Refuse an application',
  description:
    'Refuses an application for the free tier: the applicant may apply again. For administrators: sign in with trisiel login --admin.',
  arguments: {
    application: { value: 'ID', description: 'Its id; trisiel admin applications has them.' },
    answer: { value: 'ANSWER', description: 'A sentence for the applicant.', optional: true },
  },
  options: {},
  examples: [
    { line: 'trisiel admin refuse 0193a5b0-6d6e-7c7a-8d57-3f0a6e3a2b11', what: 'Decides on it.' },
  ],
  json: 'the application.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, out }) {
    const decided = await decideApplication(await connect(), 'refused', args);
    await out.give(decided, () => describeDecision(decided));
  },
});
