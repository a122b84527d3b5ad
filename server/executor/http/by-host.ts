/** Memoizes a function of the Host header: a server has few hosts. */

const MAX_HOSTS = 1000;
/** Longer values are not valid host names, and are not cached. */
export const MAX_HOST_CHARACTERS = 255;

/** Caches the results of `find`. The cache is cleared when it is full. */
export function byHost<T>(find: (host: string) => T): (host: string) => T {
  const known = new Map<string, { readonly found: T }>();
  return (host) => {
    const before = known.get(host);
    if (before !== undefined) return before.found;
    const found = find(host);
    if (host.length <= MAX_HOST_CHARACTERS) {
      if (known.size === MAX_HOSTS) known.clear();
      known.set(host, { found });
    }
    return found;
  };
}
