/** Decides which proxies are trusted to report the caller's address. */

/**
 * Fastify's `trustProxy` option. Behind a proxy, the last address of X-Forwarded-For was added by that proxy; the
 * caller may have sent the others.
 */
export function trustOneProxy(
  hasProxy: boolean,
): false | ((address: string, hop: number) => boolean) {
  return hasProxy && ((_address, hop) => hop < 1);
}
