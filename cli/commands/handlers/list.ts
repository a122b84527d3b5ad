import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { HANDLER_COLUMNS, handlerRow } from '../../handler/handlers.ts';
import { collect, PAGE_ITEMS } from '../../pages.ts';
import { formatRelativeTime } from '../../terminal/quantities.ts';
import { text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'List your handlers',
  description: 'Lists your handlers, newest first, with name, active version and URL.',
  arguments: {},
  options: {
    deleted: {
      kind: 'flag',
      description: 'Lists deleted handlers instead, with the IDs to restore them.',
    },
  },
  examples: [
    { line: 'trisiel list', what: 'List your handlers.' },
    { line: 'trisiel list --deleted', what: 'List the handlers that can be restored.' },
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
          ? text`There are no deleted handlers.`
          : text`You have no handlers yet. Create one: trisiel init`;
      }
      if (!deleted) return out.table(HANDLER_COLUMNS, handlers.map(handlerRow));
      return [
        out.table(
          [{ title: 'NAME' }, { title: 'DELETED' }, { title: 'ID' }],
          handlers.map(({ name, deletedAt, id }) => [
            name,
            formatRelativeTime(deletedAt ?? ''),
            id,
          ]),
        ),
        text`\nRestore one: trisiel restore ID`,
      ];
    });
  },
});
