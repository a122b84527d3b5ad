import { take } from '../../../client/api.ts';
import type { Token } from '../../../client/views.ts';
import { defineCommand } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { collect, PAGE_ITEMS } from '../../pages.ts';
import { sayWhen } from '../../terminal/quantities.ts';
import { text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'List your tokens',
  description: 'Lists the tokens that are good. The tokens themselves are kept nowhere.',
  arguments: {},
  options: { all: { kind: 'flag', description: 'Lists revoked and expired ones too.' } },
  examples: [{ line: 'trisiel tokens list', what: 'Which tokens are good, and which are in use?' }],
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
    const shown = options.all ? all : all.filter((token) => sayState(token) === 'good');
    await out.give(shown, () => {
      if (shown.length === 0) return text`You have no tokens. Make one: trisiel tokens create NAME`;
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
          ...(options.all ? [sayState(token)] : []),
          sayWhen(token.expiresAt),
          token.lastUsedAt === null ? 'never' : sayWhen(token.lastUsedAt),
          token.id,
          token.scopes.join(' '),
        ]),
      );
    });
  },
});

function sayState({ revokedAt, expiresAt }: Token): 'good' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked';
  return Date.parse(expiresAt) > Date.now() ? 'good' : 'expired';
}
