/** Creates tokens, for the tokens endpoint and for the CLI's sign-in. */
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

interface TokenOwner {
  readonly id: string;
  readonly isAdmin: boolean;
  readonly limits: { readonly tokens: number };
  /** The token that authenticated the request, if any. Tokens it creates are revoked and expire with it. */
  readonly tokenId?: string | undefined;
  readonly tokenExpiresAt?: Date | undefined;
}

/** Throws a `limit-reached` problem if the user has as many tokens as the tier allows. Locks the user's row. */
export async function checkTokenCount(tx: Queryable, user: TokenOwner, now: Date): Promise<void> {
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
 * Throws an `admin-only` problem if a user who is not an administrator asks for the scope `admin`. The token would
 * otherwise become powerful if the user became an administrator later.
 */
export function checkScopes(user: Pick<TokenOwner, 'isAdmin'>, scopes: readonly string[]): void {
  if (user.isAdmin || !scopes.includes('admin')) return;
  throw new ProblemError('admin-only', 'Only administrators can grant the scope admin. Omit it.');
}

/** Inserts the token's row. Call {@link signStoredToken} after the transaction for its text. */
export async function storeToken(
  tx: Queryable,
  user: TokenOwner,
  wanted: WantedToken,
  now: Date,
): Promise<Token> {
  checkScopes(user, wanted.scopes);
  await checkTokenCount(tx, user, now);
  const { id, tokenId, tokenExpiresAt } = user;
  // Checked again, now that the user's row is locked: it may have been revoked since the request began.
  if (tokenId !== undefined && !(await isTokenAlive(tx, tokenId, now))) {
    throw invalid('The token was revoked. Create a new one.');
  }
  const latest = tokenExpiresAt?.getTime() ?? Infinity;
  return insertToken(tx, {
    id: randomUUIDv7(),
    userId: id,
    name: wanted.name,
    scopes: wanted.scopes,
    expiresAt: new Date(Math.min(now.getTime() + wanted.lifeMs, latest)),
    madeBy: tokenId,
  });
}

/** Returns the token's text, which is not stored. */
export function signStoredToken(
  { keys, clock, config }: Services,
  userId: string,
  { id, scopes, expiresAt }: Token,
): Promise<string> {
  return signToken(
    { keys, clock, origin: config.webOrigin },
    { jti: id, userId, scopes, issuedAt: clock(), expiresAt },
  );
}
