import { take } from '../../client/api.ts';
import { defineCommand } from '../parser/command.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { HANDLER_COLUMNS, handlerRow } from '../handler/handlers.ts';
import { collect, PAGE_ITEMS } from '../pages.ts';
import { sayWhen } from '../terminal/quantities.ts';
import { text } from '../terminal/text.ts';

export const command = defineCommand({
  summary: 'List your handlers',
  description: 'Lists your handlers, the newest first: name, version that answers, address.',
  arguments: {},
  options: {
    deleted: {
      kind: 'flag',
      description: 'Lists the deleted ones, with the ids they are restored by.',
    },
  },
  examples: [
    { line: 'trisiel list', what: 'What have I deployed?' },
    { line: 'trisiel list --deleted', what: 'What can be restored?' },
  ],
  json: 'an array of handlers: id, name, description, mode, private, trace, url, hasPolicy, activeVersion, deletedAt, createdAt, updatedAt.',
  exits: SERVER_EXITS,
  async run({ api: connect, options: { deleted }, out }) {
    const api = await connect();
    const handlers = await collect((cursor) =>
      take(
        api.GET('/api/handlers', {
          params: {
            query: { limit: PAGE_ITEMS, deleted, ...(cursor === undefined ? {} : { cursor }) },
          },
        }),
      ),
    );
    await out.give(handlers, () => {
      if (handlers.length === 0) {
        return deleted
          ? text`Nothing is deleted.`
          : text`You have no handlers yet. Make one: trisiel init`;
      }
      if (!deleted) return out.table(HANDLER_COLUMNS, handlers.map(handlerRow));
      return [
        out.table(
          [{ title: 'NAME' }, { title: 'DELETED' }, { title: 'ID' }],
          handlers.map(({ name, deletedAt, id }) => [name, sayWhen(deletedAt ?? ''), id]),
        ),
        text`\nRestore one: trisiel restore ID`,
      ];
    });
  },
});
