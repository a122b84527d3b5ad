/** Decides on applications for the free tier. */
import { take } from '../../client/api.ts';
import { adminCommand } from './admin-command.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { defineCommand, type CommandSpec } from '../parser/command.ts';
import { text } from '../terminal/text.ts';

interface DecisionCommand {
  readonly status: 'approved' | 'refused';
  readonly summary: string;
  /** What the decision means for the applicant. */
  readonly description: string;
  /** A command line. */
  readonly example: string;
}

/** Declares the command that makes one of the two decisions. */
export function decisionCommand({
  status,
  summary,
  description,
  example,
}: DecisionCommand): CommandSpec {
  return adminCommand(
    defineCommand({
      summary,
      description,
      arguments: {
        application: {
          value: 'ID',
          description: 'The ID of the application, from trisiel admin applications.',
        },
        answer: { value: 'ANSWER', description: 'A message to the applicant.', optional: true },
      },
      options: {},
      examples: [{ line: example, what: `${summary}.` }],
      json: 'the application.',
      exits: SERVER_EXITS,
      async run({ api: connect, args, out }) {
        const { application, answer } = args;
        const api = await connect();
        const decided = await take(
          api.POST('/api/admin/applications/{application}/decision', {
            params: { path: { application } },
            body: { status, ...(answer === undefined ? {} : { answer }) },
          }),
        );
        await out.give(
          decided,
          () => text`The application of ${decided.username} is ${decided.status}.`,
        );
      },
    }),
  );
}
