/**
 * The hosts of the two origins. Cookies belong to a host and know no ports, so a page of a handler must never have the
 * host that the panel's session belongs to.
 */

/**
 * Whether a Host header names the host of the other origin, and not the own one as well. Always false if both origins
 * have one host, as an operator may set them.
 */
export function isHostOfOther(host: string, own: string, other: string): boolean {
  const [ownName, otherName] = [own, other].map((origin) => new URL(origin).hostname);
  return ownName !== otherName && hostnameOf(host) === otherName;
}

/** Without the port and the dot that may end a name. */
function hostnameOf(host: string): string {
  return host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
}

/** The same path at another origin. @param url of a request's first line, which may be anything */
export function atOrigin(origin: string, url: string): string {
  return `${origin}/${url.replace(/^[^/]*\/*/, '')}`;
}
