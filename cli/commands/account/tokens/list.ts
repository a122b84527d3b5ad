import { take } from '../../../../client/api.ts';
import type { ApiToken } from '../../../../client/views.ts';
import { defineCommand } from '../../../parser/command.ts';
import { SERVER_EXITS } from '../../../exit-codes.ts';
import { collect, PAGE_ITEMS } from '../../../pages.ts';
import { formatRelativeTime } from '../../../terminal/quantities.ts';
import { text } from '../../../terminal/text.ts';

export const command = defineCommand({
  summary: 'List your tokens',
  description: 'Lists your valid tokens. The secrets themselves cannot be shown.',
  arguments: {},
  options: { all: { kind: 'flag', description: 'Includes revoked and expired tokens.' } },
  examples: [
    { line: 'trisiel tokens list', what: 'List valid tokens and when they were last used.' },
  ],
  json: 'an array of tokens: id, name, scopes, expiresAt, lastUsedAt, revokedAt, createdAt.',
  exits: SERVER_EXITS,
  async run({ api: connect, options, out }) {
    const api = await connect();
    const all = await collect((cursor) =>
      take(
        api.GET('/api/tokens', {
          params: { query: { limit: PAGE_ITEMS, ...(cursor === undefined ? {} : { cursor }) } },
        }),
      ),
    );
    const shown = options.all ? all : all.filter((token) => stateOf(token) === 'valid');
    await out.give(shown, () => {
      if (shown.length === 0)
        return text`You have no tokens. Create one: trisiel tokens create NAME`;
      return out.table(
        [
          { title: 'NAME' },
          ...(options.all ? [{ title: 'STATE' }] : []),
          { title: 'EXPIRES' },
          { title: 'LAST USED' },
          { title: 'ID' },
          { title: 'SCOPES' },
        ],
        shown.map((token) => [
          token.name,
          ...(options.all ? [stateOf(token)] : []),
          formatRelativeTime(token.expiresAt),
          token.lastUsedAt === null ? 'never' : formatRelativeTime(token.lastUsedAt),
          token.id,
          token.scopes.join(' '),
        ]),
      );
    });
  },
});

function stateOf({ revokedAt, expiresAt }: ApiToken): 'valid' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked';
  return Date.parse(expiresAt) > Date.now() ? 'valid' : 'expired';
}
