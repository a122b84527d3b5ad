import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { adminCommand } from '../../account/admin-command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { collect, PAGE_ITEMS } from '../../pages.ts';
import { formatRelativeTime } from '../../terminal/quantities.ts';
import { text } from '../../terminal/text.ts';

export const command = adminCommand(
  defineCommand({
    summary: 'List applications for the free tier',
    description: 'Lists applications for the free tier, newest first.',
    arguments: {},
    options: {
      status: {
        kind: 'text',
        value: 'STATUS',
        choices: ['pending', 'approved', 'refused'],
        default: 'pending',
        description: 'Lists applications with this status.',
      },
    },
    examples: [{ line: 'trisiel admin applications', what: 'List pending applications.' }],
    json: 'an array of applications: id, username, userId, purpose, status, answer, createdAt, decidedAt.',
    exits: SERVER_EXITS,
    async run({ api: connect, options, out }) {
      const api = await connect();
      const { status } = options;
      const all = await collect((cursor) =>
        take(
          api.GET('/api/admin/applications', {
            params: {
              query: { limit: PAGE_ITEMS, status, ...(cursor === undefined ? {} : { cursor }) },
            },
          }),
        ),
      );
      await out.give(all, () => {
        if (all.length === 0) return text`There are no ${status} applications.`;
        return [
          out.table(
            [{ title: 'SENT' }, { title: 'USER' }, { title: 'ID' }, { title: 'PURPOSE' }],
            all.map((each) => [
              formatRelativeTime(each.createdAt),
              each.username,
              each.id,
              each.purpose,
            ]),
          ),
          ...(status === 'pending'
            ? [text`\nDecide: trisiel admin approve ID, or trisiel admin refuse ID`]
            : []),
        ];
      });
    },
  }),
);
