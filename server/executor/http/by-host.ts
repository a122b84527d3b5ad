/** What follows from a request's Host header, found once a host: a server has few. */

const MAX_HOSTS = 1000;
/** Longer ones are no names, and are not remembered. */
export const MAX_HOST_CHARACTERS = 255;

/** Remembers what `find` gave for each of the hosts that were asked for last. */
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
