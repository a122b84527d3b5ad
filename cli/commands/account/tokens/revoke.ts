import { take } from '../../../../client/api.ts';
import { defineCommand } from '../../../parser/command.ts';
import { SERVER_EXITS } from '../../../exit-codes.ts';
import { text } from '../../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Revoke a token',
  description: 'Revokes a token. It stops working at once.',
  arguments: {
    token: { value: 'ID', description: 'The ID of the token, from trisiel tokens list.' },
  },
  options: {},
  examples: [
    {
      line: 'trisiel tokens revoke 0193a5b0-6d6e-7c7a-8d57-3f0a6e3a2b11',
      what: 'Revoke a leaked token.',
    },
  ],
  json: 'the token, with its revokedAt.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, out }) {
    const api = await connect();
    const token = await take(
      api.DELETE('/api/tokens/{token}', { params: { path: { token: args.token } } }),
    );
    await out.give(token, () => text`Revoked ${token.name}.`);
  },
});
