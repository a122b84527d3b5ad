/**
 * The session of the web origin is none of a handler's business. Where both origins are one host with two ports, as at
 * home, a browser sends its cookie here too, since cookies know no ports; and a handler could plant one of its own.
 */
import { SESSION_COOKIES } from '../api/auth/session.ts';

const NAMES: ReadonlySet<string> = new Set(SESSION_COOKIES);

/** A Cookie header's value without it; undefined where nothing is left. */
export function withoutSession(cookies: string): string | undefined {
  if (!SESSION_COOKIES.some((name) => cookies.includes(name))) return cookies;
  const left = cookies.split(';').filter((pair) => !NAMES.has(nameOf(pair)));
  return left.length === 0 ? undefined : left.join(';').trim();
}

/** Whether a Set-Cookie header's value would plant one. */
export function plantsSession(cookie: string): boolean {
  return NAMES.has(nameOf(cookie));
}

/** A browser sends a cookie without a name as its value alone: `=name=value` is `name=value` the next time. */
function nameOf(pair: string): string {
  return (/^[\s=]*([^=]*)/.exec(pair)?.[1] ?? '').trim();
}
