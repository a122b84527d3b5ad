/** Whose word is taken on where a request is from. */

/**
 * For Fastify. With a proxy in front, the last address of X-Forwarded-For is that proxy's own word; those before it are
 * the caller's, who may write what they like.
 */
export function trustOneProxy(
  hasProxy: boolean,
): false | ((address: string, hop: number) => boolean) {
  return hasProxy && ((_address, hop) => hop < 1);
}
