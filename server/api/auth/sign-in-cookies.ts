/**
 * Cookies of pending sign-ins: one per `state`, so that two tabs do not overwrite each other's. The server encrypts their
 * values, and bounds their number and total size in a browser.
 */
import type { Config } from '../../config.ts';
import { isHostOfOther } from '../../hosts.ts';
import { cookieText, isSecure, readCookie, SIGN_IN_COOKIES } from '../../auth/session.ts';
import { SIGN_IN_MS } from './sign-in.ts';

/** Maximum number of pending sign-ins per browser. A new one replaces the oldest. */
const MAX_PENDING = 8;
/** Maximum total size of their cookies: proxies such as nginx accept header lines of up to 8 KiB. */
const MAX_PENDING_BYTES = 4096;

/** Number of characters of `state` in the name of its cookie. */
const KEY_LENGTH = 16;

interface Headers {
  readonly host?: string | undefined;
  readonly cookie?: string | undefined;
}

/**
 * Returns the encrypted data of the sign-in with this state. Undefined if there is none, or several, since one may be
 * planted.
 */
export function readPending(config: Config, headers: Headers, state: string): string | undefined {
  // Handlers' pages can set cookies for these hosts.
  if (isHostOfOther(headers.host ?? '', config.webOrigin, config.runOrigin)) return undefined;
  return readCookie(headers.cookie, nameOf(config, state));
}

/**
 * Returns Set-Cookie values that store a new sign-in, and delete the oldest ones if there are too many.
 * @param untilOf returns the expiry time of a memory; 0 if it is invalid
 */
export function keepPending(
  config: Config,
  headers: Headers,
  { state, memory }: { readonly state: string; readonly memory: string },
  untilOf: (memory: string) => number,
): string[] {
  const prefix = nameOf(config, '');
  const others = (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix))
    .map((pair) => {
      const at = pair.indexOf('=');
      return { name: pair.slice(0, at), bytes: pair.length, until: untilOf(pair.slice(at + 1)) };
    })
    .toSorted((a, b) => b.until - a.until);
  let bytes = memory.length;
  const ended = others.filter((other, index) => {
    bytes += other.bytes;
    return index >= MAX_PENDING - 1 || bytes > MAX_PENDING_BYTES || other.until === 0;
  });
  return [
    pendingCookie(config, nameOf(config, state), memory),
    ...ended.map(({ name }) => pendingCookie(config, name, '')),
  ];
}

/** Returns the Set-Cookie value that deletes a sign-in's cookie. */
export function dropPending(config: Config, state: string): string {
  return pendingCookie(config, nameOf(config, state), '');
}

function nameOf(config: Config, state: string): string {
  return `${SIGN_IN_COOKIES[isSecure(config) ? 1 : 0]}${state.slice(0, KEY_LENGTH)}`;
}

function pendingCookie(config: Config, name: string, value: string): string {
  // The name prefix __Host- requires Path=/.
  const path = isSecure(config) ? '/' : '/login';
  return cookieText(config, name, value, { path, maxAgeMs: value === '' ? 0 : SIGN_IN_MS });
}
