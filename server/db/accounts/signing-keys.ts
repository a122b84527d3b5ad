/** Signing keys of tokens. One is current; retired keys still verify. */
import type { Queryable } from '../connection/database.ts';

export interface SigningKey {
  readonly kid: string;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly sealedPrivateJwk: Uint8Array;
  readonly retiredAt: Date | null;
  readonly createdAt: Date;
}

/** The current one first. */
export function listSigningKeys(db: Queryable): Promise<SigningKey[]> {
  return db.query<SigningKey>(
    `select kid, public_jwk as "publicJwk", sealed_private_jwk as "sealedPrivateJwk",
       retired_at as "retiredAt", created_at as "createdAt"
     from signing_keys order by retired_at desc nulls first`,
  );
}

export interface NewSigningKey {
  readonly kid: string;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly sealedPrivateJwk: Uint8Array;
}

/** Retires the current key, if any, and makes this one current. */
export async function replaceSigningKey(
  tx: Queryable,
  key: NewSigningKey,
  now: Date,
): Promise<void> {
  await tx.query('update signing_keys set retired_at = $1 where retired_at is null', [now]);
  await tx.query(
    `insert into signing_keys (kid, public_jwk, sealed_private_jwk, created_at)
     values ($1, $2::jsonb, $3, $4)`,
    [key.kid, JSON.stringify(key.publicJwk), key.sealedPrivateJwk, now],
  );
}

/** Replaces the sealed private key with one sealed under another secret key. */
export async function resealSigningKey(
  db: Queryable,
  { kid, sealedPrivateJwk }: SigningKey,
  sealed: Uint8Array,
): Promise<void> {
  await db.query(
    'update signing_keys set sealed_private_jwk = $3 where kid = $1 and sealed_private_jwk = $2',
    [kid, sealedPrivateJwk, sealed],
  );
}
