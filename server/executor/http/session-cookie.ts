/**
 * The session of the web origin is none of a handler's business, nor are its sign-ins. Where both origins are one host
 * with two ports, a browser sends their cookies here too, since cookies know no ports; and a handler could plant its own.
 */
import { SESSION_COOKIES, SIGN_IN_COOKIES } from '../../auth/session.ts';

const NAMES: ReadonlySet<string> = new Set(SESSION_COOKIES);
const MARK = 'trisiel_s';

/** A Cookie header's value without them; undefined if nothing is left. */
export function withoutSession(cookies: string): string | undefined {
  if (!cookies.includes(MARK)) return cookies;
  const left = cookies.split(';').filter((pair) => !isOurs(pair));
  return left.length === 0 ? undefined : left.join(';').trim();
}

/** Whether a Set-Cookie header's value would plant one. */
export function plantsSession(cookie: string): boolean {
  return isOurs(cookie);
}

function isOurs(pair: string): boolean {
  const name = nameOf(pair);
  return NAMES.has(name) || SIGN_IN_COOKIES.some((prefix) => name.startsWith(prefix));
}

/** A browser sends a cookie without a name as its value alone: `=name=value` is `name=value` the next time. */
function nameOf(pair: string): string {
  return (/^[\s=]*([^=]*)/.exec(pair)?.[1] ?? '').trim();
}
