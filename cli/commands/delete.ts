import { take } from '../../client/api.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../parser/command.ts';
import { Interrupted } from '../errors.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { text } from '../terminal/text.ts';

export const command = defineCommand({
  summary: 'Delete a handler',
  description:
    'Deletes a handler: it answers no more, and its name is free. Versions and configuration are kept for as many days as the server says, and trisiel restore brings it back until then.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: { yes: { kind: 'flag', short: 'y', description: 'Does not ask.' } },
  examples: [
    { line: 'trisiel delete brave-otter --yes', what: 'Without a question, as in a script.' },
  ],
  json: 'the handler, with its deletedAt.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, options, settings, ask, out }) {
    const name = await settings.handler(args.handler);
    const api = await connect();
    const path = { handler: name };
    // Before the question: whether there is one.
    const found = await take(api.GET('/api/handlers/{handler}', { params: { path } }));
    if (!options.yes) {
      const sure = await ask.confirm(
        `Delete ${found.name}? It stops answering at once.`,
        'Say --yes',
      );
      if (!sure) throw new Interrupted();
    }
    const handler = await take(
      api.DELETE('/api/handlers/{handler}', { params: { path: { handler: found.id } } }),
    );
    const { keepDays } = await take(api.GET('/api/server'));
    const within = keepDays === 0 ? '' : ` within ${keepDays} days`;
    await out.give(handler, () => [
      text`Deleted ${handler.name}. Its name is free.`,
      text`Bring it back${within}: trisiel restore ${handler.id}`,
    ]);
  },
});
