import { take, type Api } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { CommandError, UsageError } from '../../errors.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { curlLine } from '../../handler/handlers.ts';
import { collect, PAGE_ITEMS } from '../../pages.ts';
import { text } from '../../terminal/text.ts';

const ID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

export const command = defineCommand({
  summary: 'Restore a deleted handler',
  description: 'Restores a deleted handler with its versions, policy and configuration.',
  arguments: {
    handler: {
      value: 'ID',
      description: 'The ID of the handler, or its name if only one deleted handler has it.',
    },
  },
  options: {},
  examples: [{ line: 'trisiel restore brave-otter', what: 'Undo trisiel delete brave-otter.' }],
  json: 'the handler.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, out }) {
    const api = await connect();
    const id = ID.test(args.handler) ? args.handler : await findDeleted(api, args.handler);
    const handler = await take(
      api.POST('/api/handlers/{handler}/restore', { params: { path: { handler: id } } }),
    );
    await out.give(handler, () => [text`Restored ${handler.name}.`, curlLine(handler)]);
  },
});

async function findDeleted(api: Api, name: string): Promise<string> {
  const deleted = await collect((cursor) =>
    take(
      api.GET('/api/handlers', {
        params: {
          query: { limit: PAGE_ITEMS, deleted: true, ...(cursor === undefined ? {} : { cursor }) },
        },
      }),
    ),
  );
  const [found, ...more] = deleted.filter((each) => each.name === name);
  if (found === undefined) {
    throw new CommandError(
      `No deleted handler is called ${name}. See: trisiel list --deleted`,
      'not-found',
    );
  }
  if (more.length === 0) return found.id;
  throw new UsageError(
    `${more.length + 1} deleted handlers are called ${name}. Use the ID: trisiel list --deleted`,
  );
}
