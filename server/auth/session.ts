/** Browser sessions: the cookie, which scripts cannot read, and the check against requests from other origins. */
import { createHash, randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import { insertAuditEvent } from '../db/accounts/audit.ts';
import type { Queryable } from '../db/connection/database.ts';
import { endSession } from '../db/accounts/sessions.ts';
import { isHostOfOther } from '../hosts.ts';
import { ProblemError } from '../problems/problems.ts';

/** How long a session lasts. */
export const SESSION_MS = 14 * 86_400_000;

/** Handlers must neither see nor set it: an executor on the same host removes it, since cookies ignore ports. */
export const SESSION_COOKIES = ['trisiel_session', '__Host-trisiel_session'] as const;

/** Name prefixes of sign-in cookies, which are kept from handlers too. */
export const SIGN_IN_COOKIES = ['trisiel_sign_in_', '__Host-trisiel_sign_in_'] as const;

export interface NewSecret {
  readonly secret: string;
  readonly digest: Buffer;
}

export function newSecret(): NewSecret {
  const secret = randomBytes(32).toString('base64url');
  return { secret, digest: digestSecret(secret) };
}

export function digestSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** With https the name has the `__Host-` prefix, which binds it to this host. */
export function sessionCookieName(config: Config): string {
  return SESSION_COOKIES[isSecure(config) ? 1 : 0];
}

export function isSecure(config: Config): boolean {
  return config.webOrigin.startsWith('https:');
}

/** @param maxAgeMs 0 removes the cookie */
export function cookieText(
  config: Config,
  name: string,
  value: string,
  options: { readonly path: string; readonly maxAgeMs: number },
): string {
  return [
    `${name}=${value}`,
    `Path=${options.path}`,
    `Max-Age=${Math.floor(options.maxAgeMs / 1000)}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(isSecure(config) ? ['Secure'] : []),
  ].join('; ');
}

/**
 * Returns the session's secret in a request. Undefined if there is none, or if the request was sent to the host of
 * handlers, whose pages can set cookies there.
 */
export function readSession(
  config: Config,
  {
    host = '',
    cookie,
  }: { readonly host?: string | undefined; readonly cookie?: string | undefined },
): string | undefined {
  if (isHostOfOther(host, config.webOrigin, config.runOrigin)) return undefined;
  return readCookie(cookie, sessionCookieName(config));
}

/** Returns the value of a cookie; undefined if it is absent, or present twice: one of them was then injected. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** Ends the session of a cookie and records it in the audit log; does nothing if there is none. */
export async function signOut(
  tx: Queryable,
  secret: string,
  { now, address }: { readonly now: Date; readonly address: string },
): Promise<void> {
  const ended = await endSession(tx, digestSecret(secret), now);
  if (ended === undefined) return;
  const { userId, sessionId } = ended;
  await insertAuditEvent(tx, {
    actorId: userId,
    tokenId: undefined,
    action: 'session.end',
    target: { user: userId, session: sessionId },
    address,
  });
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Throws a `foreign-origin` problem unless a change comes from a page of an allowed origin. Browsers send Origin with every
 * such request. Without Origin, only `Sec-Fetch-Site: same-origin` is accepted.
 */
export function checkOrigin(
  config: Config,
  method: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): void {
  if (SAFE_METHODS.has(method)) return;
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const known = typeof origin === 'string' && config.allowedOrigins.includes(origin);
  if (origin === undefined ? site === 'same-origin' : known) return;
  throw new ProblemError(
    'foreign-origin',
    'Requests with a session can make changes only from this server’s own pages. Programs must send a token instead.',
  );
}
