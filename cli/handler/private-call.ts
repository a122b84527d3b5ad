/** Calling a private handler: with the token of its owner, which goes to the origin that the server names for handlers. */
import type { Handler } from '../../client/views.ts';
import type { Context } from '../context.ts';
import { isPrivateWay } from '../settings.ts';
import { text } from '../terminal/text.ts';

/** The executor removes this header before the guest runs. */
export async function authorizationFor(
  { apiOptions, out }: Context,
  handler: Handler,
): Promise<[string, string][]> {
  if (!handler.private) return [];
  const { origin } = new URL(handler.url);
  if (!isPrivateWay(origin)) {
    await out.warn(text`your token goes to ${origin} unencrypted, for all on the way to read.`);
  }
  return [['Authorization', `Bearer ${(await apiOptions()).token}`]];
}
