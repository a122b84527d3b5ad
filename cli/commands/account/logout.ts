import { createApi, take } from '../../../client/api.ts';
import { ApiError } from '../../../client/errors.ts';
import { defineCommand } from '../../parser/command.ts';
import type { Context } from '../../context.ts';
import type { Credential } from '../../account/credentials.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Sign out',
  description: 'Revokes the token that trisiel login saved, and deletes it.',
  arguments: {},
  options: {
    'keep-token': {
      kind: 'flag',
      description: 'Deletes the saved token without revoking it.',
    },
  },
  examples: [{ line: 'trisiel logout', what: 'Sign out on this machine.' }],
  json: 'an object: server, revoked (whether the token was revoked).',
  exits: SERVER_EXITS,
  async run(context) {
    const { options, settings, out } = context;
    const server = await settings.server();
    const saved = await settings.credentials.find(server);
    if (saved === undefined) {
      await out.give({ server, revoked: false }, () => text`You were not signed in to ${server}.`);
      return;
    }
    const revoked = options['keep-token'] ? false : await revoke(context, saved);
    await settings.credentials.forget(server);
    await out.give({ server, revoked }, () =>
      revoked
        ? text`Signed out of ${server}. The token is revoked.`
        : text`Signed out of ${server}. The token was not revoked: trisiel tokens revoke ${saved.tokenId}`,
    );
  },
});

/** An invalid token counts as revoked. If the token may not revoke itself, a warning is printed. */
async function revoke(
  { apiOptionsFor }: Context,
  { token, tokenId }: Credential,
): Promise<boolean> {
  const api = createApi(await apiOptionsFor(token));
  try {
    await take(api.DELETE('/api/tokens/{token}', { params: { path: { token: tokenId } } }));
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.problem.status === 401) return true;
    if (error.problem.status === 403 || error.problem.status === 404) return false;
    throw error;
  }
}
