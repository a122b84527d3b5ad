/** Tokens. A token's id is its jti; the token itself is not stored. */
import { onlyRow, type Queryable } from '../connection/database.ts';
import { lockUser, USER_COLUMNS, type UserRow } from './users.ts';

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly createdAt: Date;
}

const COLUMNS = `tokens.id, tokens.name, tokens.scopes, tokens.expires_at as "expiresAt",
  tokens.last_used_at as "lastUsedAt", tokens.revoked_at as "revokedAt", tokens.created_at as "createdAt"`;

export interface NewToken {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
  /** The token that created it; revoking that one revokes this one. */
  readonly madeBy?: string | undefined;
}

export async function insertToken(db: Queryable, token: NewToken): Promise<Token> {
  return onlyRow(
    await db.query<Token>(
      `insert into tokens (id, user_id, name, scopes, expires_at, made_by)
       values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
      [
        token.id,
        token.userId,
        token.name,
        [...token.scopes],
        token.expiresAt,
        token.madeBy ?? null,
      ],
    ),
  );
}

/** Counts a user's tokens that are neither revoked nor expired. Locks the user's row, so that a limit holds. */
export async function countLivingTokens(tx: Queryable, userId: string, now: Date): Promise<number> {
  await lockUser(tx, userId);
  const { count } = onlyRow(
    await tx.query<{ count: number }>(
      'select count(*)::int as count from tokens where user_id = $1 and revoked_at is null and expires_at > $2',
      [userId, now],
    ),
  );
  return count;
}

/** Newest first, including revoked ones. */
export function listTokens(
  db: Queryable,
  userId: string,
  page: { after?: string | undefined; limit: number },
): Promise<Token[]> {
  return db.query<Token>(
    `select ${COLUMNS} from tokens where user_id = $1 and ($2::uuid is null or id < $2)
     order by id desc limit $3`,
    [userId, page.after ?? null, page.limit],
  );
}

/**
 * Revokes a token and all tokens derived from it. Returns undefined if the user has no such unrevoked token. Locks the
 * user's row, so that no token is derived meanwhile.
 */
export async function revokeToken(
  tx: Queryable,
  userId: string,
  id: string,
  now: Date,
): Promise<Token | undefined> {
  await lockUser(tx, userId);
  const revoked = await tx.query<Token>(
    `with recursive ended as (
       select id from tokens where user_id = $1 and id = $2 and revoked_at is null
       union select tokens.id from tokens join ended on tokens.made_by = ended.id
     )
     update tokens set revoked_at = $3 where id in (select id from ended) and revoked_at is null
     returning ${COLUMNS}`,
    [userId, id, now],
  );
  return revoked.find((token) => token.id === id);
}

/** Whether a token is neither revoked nor expired. */
export async function isTokenAlive(db: Queryable, id: string, now: Date): Promise<boolean> {
  const found = await db.query(
    'select 1 from tokens where id = $1 and revoked_at is null and expires_at > $2',
    [id, now],
  );
  return found.length > 0;
}

/** Returns the user of a token that is neither revoked nor expired, with the stored scopes. */
export async function findTokenUser(
  db: Queryable,
  id: string,
  now: Date,
): Promise<(UserRow & Pick<Token, 'scopes' | 'lastUsedAt' | 'expiresAt'>) | undefined> {
  const [found] = await db.query<UserRow & Pick<Token, 'scopes' | 'lastUsedAt' | 'expiresAt'>>(
    `select ${USER_COLUMNS}, tokens.scopes, tokens.last_used_at as "lastUsedAt",
       tokens.expires_at as "expiresAt"
     from tokens join users on users.id = tokens.user_id
     where tokens.id = $1 and revoked_at is null and expires_at > $2`,
    [id, now],
  );
  return found;
}

export interface TokenOwner {
  /** ID of the user. */
  readonly id: string;
  readonly lockedAt: Date | null;
  readonly scopes: readonly string[];
}

/** Like {@link findTokenUser}, but returns only what authorizes a call. Executors may call it, and read no tokens. */
export async function findTokenOwner(
  db: Queryable,
  id: string,
  now: Date,
): Promise<TokenOwner | undefined> {
  const [found] = await db.query<TokenOwner>(
    'select id, locked_at as "lockedAt", scopes from token_owner($1, $2)',
    [id, now],
  );
  return found;
}

export async function touchToken(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query('update tokens set last_used_at = $2 where id = $1', [id, now]);
}
