import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { UsageError } from '../../errors.ts';
import { adminCommand } from '../../account/admin-command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';

export const command = adminCommand(
  defineCommand({
    summary: 'Lift the quarantine of a version',
    description: 'Ends the quarantine of any user’s version and puts it back on probation.',
    arguments: {
      handler: { value: 'HANDLER', description: 'The name or ID of the handler.' },
      version: { value: 'VERSION', description: 'The version number.' },
    },
    options: {},
    examples: [
      { line: 'trisiel admin lift brave-otter 3', what: 'Put version 3 back on probation.' },
    ],
    json: 'the version.',
    exits: SERVER_EXITS,
    async run({ api: connect, args, out }) {
      if (!/^[1-9]\d{0,8}$/.test(args.version)) {
        throw new UsageError(`VERSION is "${args.version}"; it must be a number such as 3.`);
      }
      const api = await connect();
      const path = { handler: args.handler, version: Number(args.version) };
      const version = await take(
        api.POST('/api/handlers/{handler}/versions/{version}/lift', { params: { path } }),
      );
      await out.give(version, () => [
        text`Lifted the quarantine of version ${version.number} of ${args.handler}.`,
        text`${version.standing.detail}`,
      ]);
    },
  }),
);
