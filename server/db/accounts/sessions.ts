/** Browser sessions. Only a digest of the cookie's secret is stored. */
import { randomUUIDv7 } from 'node:crypto';
import type { Queryable } from '../connection/database.ts';
import { USER_COLUMNS, type UserRow } from './users.ts';

export interface NewSession {
  readonly userId: string;
  readonly secretDigest: Uint8Array;
  readonly expiresAt: Date;
}

export async function insertSession(db: Queryable, session: NewSession): Promise<string> {
  const id = randomUUIDv7();
  await db.query(
    'insert into sessions (id, user_id, secret_digest, expires_at) values ($1, $2, $3, $4)',
    [id, session.userId, session.secretDigest, session.expiresAt],
  );
  return id;
}

/** Returns the user of a session that has neither ended nor expired. */
export async function findSessionUser(
  db: Queryable,
  secretDigest: Uint8Array,
  now: Date,
): Promise<(UserRow & { readonly sessionId: string }) | undefined> {
  const [found] = await db.query<UserRow & { sessionId: string }>(
    `select ${USER_COLUMNS}, sessions.id as "sessionId"
     from sessions join users on users.id = sessions.user_id
     where secret_digest = $1 and ended_at is null and expires_at > $2`,
    [secretDigest, now],
  );
  return found;
}

/** Ends a session. Returns its user and ID; undefined if there was no open session. */
export async function endSession(
  db: Queryable,
  secretDigest: Uint8Array,
  now: Date,
): Promise<{ readonly sessionId: string; readonly userId: string } | undefined> {
  const [ended] = await db.query<{ sessionId: string; userId: string }>(
    `update sessions set ended_at = $2
     where secret_digest = $1 and ended_at is null and expires_at > $2
     returning id as "sessionId", user_id as "userId"`,
    [secretDigest, now],
  );
  return ended;
}
