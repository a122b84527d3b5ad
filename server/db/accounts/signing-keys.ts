/**
 * Signing keys of two kinds: for tokens, which only the API signs, and for callbacks, which executors sign. One key of
 * each kind is current; retired keys still verify. Executors may read the private halves of the second kind only
 * (`roles.ts`).
 */
import type { Queryable } from '../connection/database.ts';

export type KeyKind = 'tokens' | 'callbacks';

const TABLES = { tokens: 'signing_keys', callbacks: 'callback_keys' } as const;

/** The public half. */
export interface VerifyingKey {
  readonly kid: string;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly retiredAt: Date | null;
  readonly createdAt: Date;
}

/** The current one first. */
export function listVerifyingKeys(db: Queryable, kind: KeyKind): Promise<VerifyingKey[]> {
  return db.query<VerifyingKey>(
    `select kid, public_jwk as "publicJwk", retired_at as "retiredAt", created_at as "createdAt"
     from ${TABLES[kind]} order by retired_at desc nulls first`,
  );
}

/** The private half. */
export interface SealedKey {
  readonly kid: string;
  readonly sealedPrivateJwk: Uint8Array;
}

/** Returns the current key; undefined if there is none yet. */
export async function findSealedKey(db: Queryable, kind: KeyKind): Promise<SealedKey | undefined> {
  const [found] = await db.query<SealedKey>(
    `select kid, sealed_private_jwk as "sealedPrivateJwk" from ${TABLES[kind]} where retired_at is null`,
  );
  return found;
}

export interface NewSigningKey extends SealedKey {
  readonly publicJwk: Readonly<Record<string, unknown>>;
}

/** Retires the current key, if any, and makes this one current. */
export async function replaceSigningKey(
  tx: Queryable,
  kind: KeyKind,
  key: NewSigningKey,
  now: Date,
): Promise<void> {
  const table = TABLES[kind];
  await tx.query(`update ${table} set retired_at = $1 where retired_at is null`, [now]);
  await tx.query(
    `insert into ${table} (kid, public_jwk, sealed_private_jwk, created_at)
     values ($1, $2::jsonb, $3, $4)`,
    [key.kid, JSON.stringify(key.publicJwk), key.sealedPrivateJwk, now],
  );
}

/** Replaces the sealed private key with one sealed under another secret key. */
export async function resealSigningKey(
  db: Queryable,
  kind: KeyKind,
  { kid, sealedPrivateJwk }: SealedKey,
  sealed: Uint8Array,
): Promise<void> {
  await db.query(
    `update ${TABLES[kind]} set sealed_private_jwk = $3 where kid = $1 and sealed_private_jwk = $2`,
    [kid, sealedPrivateJwk, sealed],
  );
}
