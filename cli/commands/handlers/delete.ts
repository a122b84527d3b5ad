import { take } from '../../../client/api.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../../parser/command.ts';
import { Interrupted } from '../../errors.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Delete a handler',
  description:
    'Deletes a handler: it stops responding, and its name becomes available. Versions and configuration are kept for a time that the server sets; until then, trisiel restore brings the handler back.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: { yes: { kind: 'flag', short: 'y', description: 'Skips the confirmation.' } },
  examples: [
    {
      line: 'trisiel delete brave-otter --yes',
      what: 'Delete without a confirmation, as in a script.',
    },
  ],
  json: 'the handler, with its deletedAt.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, options, settings, ask, out }) {
    const name = await settings.handler(args.handler);
    const api = await connect();
    const path = { handler: name };
    // Fail before the confirmation if there is no such handler.
    const found = await take(api.GET('/api/handlers/{handler}', { params: { path } }));
    if (!options.yes) {
      const sure = await ask.confirm(
        `Delete ${found.name}? It stops responding at once.`,
        'Pass --yes',
      );
      if (!sure) throw new Interrupted();
    }
    const handler = await take(
      api.DELETE('/api/handlers/{handler}', { params: { path: { handler: found.id } } }),
    );
    const { keepDays } = await take(api.GET('/api/server'));
    const within = keepDays === 0 ? '' : ` within ${keepDays} days`;
    await out.give(handler, () => [
      text`Deleted ${handler.name}. Its name is available again.`,
      text`Restore it${within}: trisiel restore ${handler.id}`,
    ]);
  },
});
