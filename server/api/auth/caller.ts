/** Authenticates requests by token or session, and checks what the user may do. */
import type { FastifyRequest } from 'fastify';
import { findSessionUser } from '../../db/accounts/sessions.ts';
import { findTokenUser, touchToken } from '../../db/accounts/tokens.ts';
import type { UserRow } from '../../db/accounts/users.ts';
import { ProblemError } from '../../problems/problems.ts';
import { limitsOf, type TierLimits, type TierNumber } from '../../tiers.ts';
import type { Services } from '../services.ts';
import { isScope, SCOPE_NAMES, type Scope } from '../../auth/scopes.ts';
import { checkOrigin, digestSecret, readSession } from '../../auth/session.ts';
import { invalid, verifyToken } from '../../auth/tokens.ts';

export interface Caller {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly isAdmin: boolean;
  readonly tier: number;
  readonly limits: TierLimits;
  readonly scopes: ReadonlySet<Scope>;
  /** Undefined if authenticated by a session. */
  readonly tokenId: string | undefined;
  readonly tokenExpiresAt: Date | undefined;
  readonly createdAt: Date;
}

/** What an endpoint requires of its user. */
export interface UserNeed {
  readonly scope: Scope;
  /** Minimum tier. Default: 0. */
  readonly tier?: TierNumber;
  readonly admin?: true;
  /** Requires a session; tokens are refused. */
  readonly session?: true;
}

/** Resolution of a token's last use, so that not every request writes. */
const TOUCH_MS = 60_000;

/** Throws a problem if the request is not authenticated, comes from a foreign origin, or its user is locked. */
export async function findCaller(services: Services, request: FastifyRequest): Promise<Caller> {
  const { authorization } = request.headers;
  if (authorization !== undefined) return callerByToken(services, authorization);
  const secret = readSession(services.config, request.headers);
  const user =
    secret === undefined
      ? undefined
      : await findSessionUser(services.db, digestSecret(secret), services.clock());
  if (user === undefined) {
    throw new ProblemError(
      'sign-in-required',
      'This requires authentication: send Authorization: Bearer TOKEN, or sign in at /login.',
      { headers: { 'www-authenticate': 'Bearer' } },
    );
  }
  checkOrigin(services.config, request.method, request.headers);
  return toCaller(user, SCOPE_NAMES);
}

async function callerByToken(services: Services, authorization: string): Promise<Caller> {
  const { db, keys, clock, config } = services;
  const token = /^bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined) throw invalid('The Authorization header must be Bearer and a token.');
  const { jti, userId } = await verifyToken({ keys, clock, origin: config.webOrigin }, token);
  const now = clock();
  const user = await findTokenUser(db, jti, now);
  if (user === undefined || user.id !== userId)
    throw invalid('The token was revoked. Create a new one.');
  if (user.lastUsedAt === null || now.getTime() - user.lastUsedAt.getTime() > TOUCH_MS) {
    await touchToken(db, jti, now);
  }
  const { scopes, expiresAt } = user;
  return toCaller(user, scopes.filter(isScope), { id: jti, expiresAt });
}

function toCaller(
  user: UserRow,
  scopes: readonly Scope[],
  token?: { readonly id: string; readonly expiresAt: Date },
): Caller {
  if (user.lockedAt !== null) {
    const reason = user.lockedReason ?? '';
    throw new ProblemError(
      'account-locked',
      `The account is locked${reason === '' ? '' : `: ${reason}`}. Contact the operator of this server.`,
    );
  }
  const { id, username, email, isAdmin, tier, createdAt } = user;
  return {
    id,
    username,
    email,
    isAdmin,
    tier,
    createdAt,
    limits: limitsOf(tier),
    scopes: new Set(scopes),
    tokenId: token?.id,
    tokenExpiresAt: token?.expiresAt,
  };
}

/** Throws a problem if the user or the token does not meet the requirement. */
export function checkNeed(caller: Caller, need: UserNeed): void {
  if (need.session === true && caller.tokenId !== undefined) {
    throw new ProblemError(
      'session-required',
      'This requires a browser session; tokens are not accepted. Sign in at /login.',
    );
  }
  if (!caller.scopes.has(need.scope)) {
    throw new ProblemError(
      'missing-scope',
      `The token does not have the scope ${need.scope}. Create one that has it.`,
    );
  }
  if (need.admin === true && !caller.isAdmin) {
    throw new ProblemError('admin-only', 'Only administrators of this server can do this.');
  }
  if (caller.tier < (need.tier ?? 0)) {
    throw new ProblemError(
      'tier-too-low',
      `This requires tier ${need.tier}; yours is ${caller.tier}. Apply for the free tier with POST /api/applications.`,
    );
  }
}
