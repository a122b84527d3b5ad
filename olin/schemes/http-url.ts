/** Determines the URL of a guest's request from the opened URL, the Host header and the request target. */
import { CallError } from '../errors.ts';
import { show, type Field } from '../http1/fields.ts';
import { MAX_SHOWN_NAME, shorten } from '../shorten.ts';

export type HttpSchemeName = 'http' | 'https';

function refuse(message: string): never {
  throw new CallError('InvalidArgument', message);
}

/** Parses an authority; returns undefined if it is not `host` or `host:port`. */
function parseAuthority(scheme: HttpSchemeName, authority: string): URL | undefined {
  // Reject anything that the URL parser could take for a path, a user name or white space.
  if (!/^(?:\[[0-9a-f:.]+\]|[^\s/?#@\\:[\]]+)(?::\d{1,5})?$/i.test(authority)) return undefined;
  const text = `${scheme}://${authority}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

/**
 * Returns the authority of an opened URL, or undefined if it has none (`https://`): then the request must specify it.
 * The path is ignored: the request has its own. Throws InvalidArgument if the URL is malformed.
 */
export function openAuthority(scheme: HttpSchemeName, url: string): URL | undefined {
  const [, authority] = /^https?:\/\/([^/?#]*)/i.exec(url) ?? [];
  if (authority === undefined) refuse(`${show(url)} lacks the two slashes of "${scheme}://host"`);
  if (authority === '') return undefined;
  if (authority.includes('@')) {
    refuse(
      `The URL contains a user name. Remove the part before the "@", and send an Authorization header`,
    );
  }
  return (
    parseAuthority(scheme, authority) ??
    refuse(`${show(authority)} is not a host. Write "${scheme}://host" or "${scheme}://host:port"`)
  );
}

/** Whether `other`, written as `text`, matches `authority`; without a port, it matches any port. */
function agrees(authority: URL, other: URL, text: string): boolean {
  const hasPort = /:\d+$/.test(text);
  return other.hostname === authority.hostname && (!hasPort || other.port === authority.port);
}

/**
 * Returns the URL to fetch. The authority is that of the opened URL, else that of the request target, else the Host
 * header. All that are present must agree, so that the policy and the server see the same authority. Throws
 * InvalidArgument if they do not.
 */
export function resolveTarget(
  scheme: HttpSchemeName,
  opened: URL | undefined,
  target: string,
  fields: readonly Field[],
): URL {
  const named = opened === undefined ? [] : [{ url: opened, text: opened.host, from: 'the URL' }];
  let path = target;
  if (!target.startsWith('/')) {
    const [, given, authority = '', rest = ''] = /^(https?):\/\/([^/?#]*)(.*)$/i.exec(target) ?? [];
    if (given === undefined) {
      refuse(`The request is for ${show(target)}. Begin its path with "/"`);
    }
    if (given.toLowerCase() !== scheme) {
      refuse(
        `The request is for ${given}:, but the guest opened ${scheme}:. Open the URL's own scheme`,
      );
    }
    const url = parseAuthority(scheme, authority);
    if (url === undefined) refuse(`The request is for ${show(target)}, which has no host`);
    named.push({ url, text: authority, from: 'the path' });
    path = rest.startsWith('/') ? rest : `/${rest}`;
  }
  const [host, ...otherHosts] = fields.filter(({ name }) => name.toLowerCase() === 'host');
  // Guests of the original send the same header twice; one is sent, from the URL.
  if (otherHosts.some(({ value }) => value.toLowerCase() !== host?.value.toLowerCase())) {
    refuse('The request has more than one Host header, and they differ. Keep one');
  }
  if (host !== undefined) {
    const url = parseAuthority(scheme, host.value);
    if (url === undefined)
      refuse(`The Host header is ${show(host.value)}. Write "host" or "host:port"`);
    named.push({ url, text: host.value, from: 'the Host header' });
  }
  const [first, ...others] = named;
  if (first === undefined) {
    refuse(
      `Neither the URL nor the request names a host. Open "${scheme}://host" or send a Host header`,
    );
  }
  for (const other of others) {
    if (!agrees(first.url, other.url, other.text)) {
      refuse(
        `The hosts differ: ${first.from} names ${shorten(first.url.host, MAX_SHOWN_NAME)}, but ${other.from} names ${shorten(other.text, MAX_SHOWN_NAME)}. Name one host`,
      );
    }
  }
  if (path.includes('#'))
    refuse(`The path ${show(path)} has a "#", which is never sent. Remove it`);
  return new URL(`${first.url.origin}${path}`);
}
