/** Making a token: for whoever asks with scopes of their own, and for the command that signed in by the browser. */
import { randomUUIDv7 } from 'node:crypto';
import type { Queryable } from '../../db/connection/database.ts';
import {
  countLivingTokens,
  insertToken,
  isTokenAlive,
  type Token,
} from '../../db/accounts/tokens.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { Services } from '../services.ts';
import { invalid, signToken } from '../../auth/tokens.ts';

export const TOKEN_DAYS = { shortest: 1, longest: 366, default: 90 } as const;
export const DAY_MS = 86_400_000;

interface Holder {
  readonly id: string;
  readonly isAdmin: boolean;
  readonly limits: { readonly tokens: number };
  /** The token that asks, where one does: what it makes ends with it. */
  readonly tokenId?: string | undefined;
  readonly tokenExpiresAt?: Date | undefined;
}

/** Throws a `limit-reached` problem where the user has as many as the tier allows. Locks the user's row. */
export async function checkTokenCount(tx: Queryable, user: Holder, now: Date): Promise<void> {
  const { tokens } = user.limits;
  if ((await countLivingTokens(tx, user.id, now)) < tokens) return;
  throw new ProblemError(
    'limit-reached',
    `You have ${tokens} tokens, which is what your tier allows. Revoke one first.`,
  );
}

export interface WantedToken {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly lifeMs: number;
}

/**
 * Throws an `admin-only` problem for the scope `admin` and a user who is no administrator: the token would gain its power
 * on the day that its user becomes one.
 */
export function checkScopes(user: Pick<Holder, 'isAdmin'>, scopes: readonly string[]): void {
  if (user.isAdmin || !scopes.includes('admin')) return;
  throw new ProblemError(
    'admin-only',
    'The scope admin is for administrators of this server. Leave it out.',
  );
}

/** Keeps the token's row; {@link signMade} makes its text once the transaction is done. */
export async function keepToken(
  tx: Queryable,
  user: Holder,
  wanted: WantedToken,
  now: Date,
): Promise<Token> {
  checkScopes(user, wanted.scopes);
  await checkTokenCount(tx, user, now);
  const { id, tokenId, tokenExpiresAt } = user;
  // It was alive when the request began; the user's row is locked now.
  if (tokenId !== undefined && !(await isTokenAlive(tx, tokenId, now))) {
    throw invalid('The token was revoked. Make a new one.');
  }
  const most = tokenExpiresAt?.getTime() ?? Infinity;
  return insertToken(tx, {
    id: randomUUIDv7(),
    userId: id,
    name: wanted.name,
    scopes: wanted.scopes,
    expiresAt: new Date(Math.min(now.getTime() + wanted.lifeMs, most)),
    madeBy: tokenId,
  });
}

/** The token's text, which is shown once and kept nowhere. */
export function signMade(
  { keys, clock, config }: Services,
  userId: string,
  { id, scopes, expiresAt }: Token,
): Promise<string> {
  return signToken(
    { keys, clock, origin: config.webOrigin },
    { jti: id, userId, scopes, issuedAt: clock(), expiresAt },
  );
}
