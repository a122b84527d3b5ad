import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { adminCommand } from '../../account/admin-command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { collect, PAGE_ITEMS } from '../../pages.ts';
import { formatRelativeTime } from '../../terminal/quantities.ts';
import { styled, text } from '../../terminal/text.ts';

export const command = adminCommand(
  defineCommand({
    summary: 'List users',
    description: 'Lists the users of the server, newest first.',
    arguments: {},
    options: {
      search: {
        kind: 'text',
        value: 'TEXT',
        description: 'Lists users whose name or address contains this text.',
      },
      tier: {
        kind: 'count',
        value: 'TIER',
        minimum: 0,
        maximum: 2,
        description: 'Lists users of this tier.',
      },
      locked: { kind: 'flag', description: 'Lists locked users.' },
      limit: {
        kind: 'count',
        value: 'N',
        minimum: 1,
        maximum: 1000,
        default: 50,
        description: 'Maximum number of users.',
      },
    },
    examples: [{ line: 'trisiel admin users --tier 0', what: 'List the users who cannot deploy.' }],
    json: 'an array of users: id, username, email, tier, isAdmin, lockedAt, lockedReason, createdAt.',
    exits: SERVER_EXITS,
    async run({ api: connect, options, out }) {
      const { search, tier, locked, limit } = options;
      const api = await connect();
      const users = await collect(
        (cursor) =>
          take(
            api.GET('/api/users', {
              params: {
                query: {
                  limit: Math.min(limit, PAGE_ITEMS),
                  ...(search === undefined ? {} : { search }),
                  ...(tier === undefined ? {} : { tier }),
                  ...(locked ? { locked } : {}),
                  ...(cursor === undefined ? {} : { cursor }),
                },
              },
            }),
          ),
        limit,
      );
      await out.give(users, () => {
        if (users.length === 0) return text`No users match.`;
        return out.table(
          [
            { title: 'NAME' },
            { title: 'TIER', align: 'right' },
            { title: 'SINCE' },
            { title: 'ID' },
            { title: 'STATE' },
          ],
          users.map((each) => [
            each.username,
            each.tier,
            formatRelativeTime(each.createdAt),
            each.id,
            each.lockedAt === null
              ? each.isAdmin
                ? 'administrator'
                : ''
              : styled('red', `locked: ${each.lockedReason ?? ''}`),
          ]),
        );
      });
    },
  }),
);
