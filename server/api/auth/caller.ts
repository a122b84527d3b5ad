/** Who calls: a user, by token or by session, and what the two may do. */
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
  /** Undefined with a session. */
  readonly tokenId: string | undefined;
  readonly tokenExpiresAt: Date | undefined;
  readonly createdAt: Date;
}

/** What an endpoint asks of its user. */
export interface UserNeed {
  readonly scope: Scope;
  /** The least tier; default 0. */
  readonly tier?: TierNumber;
  readonly admin?: true;
  /** A person in a browser; no token does. */
  readonly session?: true;
}

/** Last use is kept to the minute: not every request writes. */
const TOUCH_MS = 60_000;

/** Throws a problem where the request has no user, or one that is locked. */
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
      'This needs a user: send Authorization: Bearer TOKEN, or sign in at /login.',
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
    throw invalid('The token was revoked. Make a new one.');
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
      `The account is locked${reason === '' ? '' : `: ${reason}`}. Write to the operator of this server.`,
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

/** Throws the problem that says what the user lacks. */
export function checkNeed(caller: Caller, need: UserNeed): void {
  if (need.session === true && caller.tokenId !== undefined) {
    throw new ProblemError(
      'session-required',
      'This is done by a person who is signed in with a browser; a token cannot. Sign in at /login.',
    );
  }
  if (!caller.scopes.has(need.scope)) {
    throw new ProblemError(
      'missing-scope',
      `The token does not have the scope ${need.scope}. Make one that has it.`,
    );
  }
  if (need.admin === true && !caller.isAdmin) {
    throw new ProblemError('admin-only', 'This is for administrators of this server.');
  }
  if (caller.tier < (need.tier ?? 0)) {
    throw new ProblemError(
      'tier-too-low',
      `This needs tier ${need.tier}; yours is ${caller.tier}. Apply for the free tier with POST /api/applications.`,
    );
  }
}
