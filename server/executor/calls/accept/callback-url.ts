/** Reads and checks the URL for the callback of a call. */
import { isIP } from 'node:net';
import { invalidField } from '../../../problems/problems.ts';
import { isReachable } from '../../egress/addresses.ts';
import type { CallRequest } from '../../http/exchange.ts';

const MAX_CHARACTERS = 2000;

/**
 * Returns the URL of `X-Callback-Url`; null without that header. Throws an `invalid-request` problem.
 * @param allowed origins that may be called back even if their addresses are private. A URL of one may have a user name and password
 */
export function readCallbackUrl(request: CallRequest, allowed: readonly string[]): string | null {
  const given = request.headers['x-callback-url'];
  if (given === undefined) return null;
  const text = Array.isArray(given) ? given.join(',') : given;
  const url = URL.parse(text);
  const what = 'an http or https URL with a public address, without user name and password';
  if (url === null || text.length > MAX_CHARACTERS || !/^https?:$/.test(url.protocol)) {
    throw invalidField(
      'header/X-Callback-Url',
      'not an http or https URL of at most 2,000 characters',
      what,
    );
  }
  if (allowed.includes(url.origin)) return url.href;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isPrivate = isIP(host) !== 0 && !isReachable(host);
  if (url.username !== '' || url.password !== '' || isPrivate) {
    throw invalidField(
      'header/X-Callback-Url',
      'a URL with a user name, or with a private address',
      what,
    );
  }
  // Host names are resolved when the callback is sent.
  return url.href;
}
