/**
 * Keeps session and sign-in cookies of the web origin from handlers. If both origins share a host and differ only by
 * port, browsers send these cookies here too, and a handler could set its own.
 */
import { SESSION_COOKIES, SIGN_IN_COOKIES } from '../../auth/session.ts';

const NAMES: ReadonlySet<string> = new Set(SESSION_COOKIES);
const MARK = 'trisiel_s';

/** A Cookie header's value without these cookies; undefined if nothing is left. */
export function withoutSession(cookies: string): string | undefined {
  if (!cookies.includes(MARK)) return cookies;
  const left = cookies.split(';').filter((pair) => !isOurs(pair));
  return left.length === 0 ? undefined : left.join(';').trim();
}

/** Whether a Set-Cookie header's value would set one of these cookies. */
export function plantsSession(cookie: string): boolean {
  return isOurs(cookie);
}

function isOurs(pair: string): boolean {
  const name = nameOf(pair);
  return NAMES.has(name) || SIGN_IN_COOKIES.some((prefix) => name.startsWith(prefix));
}

/** Browsers send a nameless cookie as its value alone: `=name=value` comes back as `name=value`. */
function nameOf(pair: string): string {
  return (/^[\s=]*([^=]*)/.exec(pair)?.[1] ?? '').trim();
}
