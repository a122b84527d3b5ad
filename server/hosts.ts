/**
 * The hosts of the two origins. Cookies belong to a host and ignore ports, so a page of a handler must never have the
 * host of the panel's session.
 */

/**
 * Whether a Host header names the host of the other origin and not that of the own origin. Always false if both origins
 * have the same host, which an operator may configure.
 */
export function isHostOfOther(host: string, own: string, other: string): boolean {
  const [ownName, otherName] = [own, other].map((origin) => new URL(origin).hostname);
  return ownName !== otherName && hostnameOf(host) === otherName;
}

/** Returns the host without the port and a final dot. */
function hostnameOf(host: string): string {
  return host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
}

/** Returns the same path at another origin. @param url from a request line, so it may be invalid */
export function atOrigin(origin: string, url: string): string {
  return `${origin}/${url.replace(/^[^/]*\/*/, '')}`;
}
