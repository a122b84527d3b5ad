/** Authorizes calls of private handlers with the user's token. */
import type { ApiHandler } from '../../client/views.ts';
import type { Context } from '../context.ts';
import { isPrivateWay } from '../settings.ts';
import { text } from '../terminal/text.ts';

/** Returns the header for a private handler, none for a public one. The executor removes it before the guest runs. */
export async function authorizationFor(
  { apiOptions, out }: Context,
  handler: ApiHandler,
): Promise<[string, string][]> {
  if (!handler.private) return [];
  const { origin } = new URL(handler.url);
  if (!isPrivateWay(origin)) {
    await out.warn(
      text`your token is sent to ${origin} unencrypted, so others on the network can read it.`,
    );
  }
  return [['Authorization', `Bearer ${(await apiOptions()).token}`]];
}
