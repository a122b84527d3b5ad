/**
 * The cookies of sign-ins that are under way: one for each `state`, so that two tabs do not take each other's away.
 * Their values are sealed by the server; their number and bytes in a browser are bounded.
 */
import type { Config } from '../../config.ts';
import { isHostOfOther } from '../../hosts.ts';
import { cookieText, isSecure, readCookie, SIGN_IN_COOKIES } from '../../auth/session.ts';
import { SIGN_IN_MS } from './sign-in.ts';

/** Sign-ins that one browser may have under way. The oldest is given up for a new one. */
const MAX_PENDING = 8;
/** Bytes of their cookies together: proxies such as nginx take header lines of up to 8 KiB. */
const MAX_PENDING_BYTES = 4096;

/** As much of a `state` names its cookie. */
const KEY_LENGTH = 16;

interface Headers {
  readonly host?: string | undefined;
  readonly cookie?: string | undefined;
}

/** The sealed memory of the sign-in with this state. Undefined if there is none, or more than one: one is planted. */
export function readPending(config: Config, headers: Headers, state: string): string | undefined {
  // Pages of handlers can set cookies there.
  if (isHostOfOther(headers.host ?? '', config.webOrigin, config.runOrigin)) return undefined;
  return readCookie(headers.cookie, nameOf(config, state));
}

/**
 * Set-Cookie values that keep a new sign-in, and give up older ones if there are too many.
 * @param untilOf when a sign-in ends, by its memory; 0 for a memory that is none
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

/** The Set-Cookie value that takes a sign-in's cookie away. */
export function dropPending(config: Config, state: string): string {
  return pendingCookie(config, nameOf(config, state), '');
}

function nameOf(config: Config, state: string): string {
  return `${SIGN_IN_COOKIES[isSecure(config) ? 1 : 0]}${state.slice(0, KEY_LENGTH)}`;
}

function pendingCookie(config: Config, name: string, value: string): string {
  // A name with the prefix __Host- needs the whole origin as its path.
  const path = isSecure(config) ? '/' : '/login';
  return cookieText(config, name, value, { path, maxAgeMs: value === '' ? 0 : SIGN_IN_MS });
}
