/** One-time codes for CLI sign-in through the browser. Only digests of codes are stored. */
import { randomUUIDv7 } from 'node:crypto';
import type { Queryable } from '../connection/database.ts';
import { USER_COLUMNS, type UserRow } from './users.ts';

export interface NewCommandLogin {
  readonly userId: string;
  readonly codeDigest: Uint8Array;
  /** SHA-256 of the verifier, in base64url (RFC 7636, S256). */
  readonly challenge: string;
  /** Name of the token that the code is exchanged for. */
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresInDays: number;
  /** Expiry of the code. */
  readonly expiresAt: Date;
}

export async function insertCommandLogin(tx: Queryable, login: NewCommandLogin): Promise<string> {
  const id = randomUUIDv7();
  await tx.query(
    `insert into command_logins (id, user_id, code_digest, challenge, name, scopes, expires_in_days, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      id,
      login.userId,
      login.codeDigest,
      login.challenge,
      login.name,
      [...login.scopes],
      login.expiresInDays,
      login.expiresAt,
    ],
  );
  return id;
}

export interface CommandLogin extends Pick<
  NewCommandLogin,
  'challenge' | 'name' | 'scopes' | 'expiresInDays'
> {
  readonly loginId: string;
}

/** Consumes a code. Returns undefined if there is no unused, unexpired code. */
export async function useCommandLogin(
  tx: Queryable,
  codeDigest: Uint8Array,
  now: Date,
): Promise<(CommandLogin & UserRow) | undefined> {
  const [login] = await tx.query<CommandLogin & UserRow>(
    `update command_logins set used_at = $2 from users
     where code_digest = $1 and used_at is null and expires_at > $2 and users.id = user_id
     returning ${USER_COLUMNS}, command_logins.id as "loginId", challenge, name, scopes,
       expires_in_days as "expiresInDays"`,
    [codeDigest, now],
  );
  return login;
}
