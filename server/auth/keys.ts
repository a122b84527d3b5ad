/** Signing keys of tokens: creates, seals and rotates them, and publishes them as a JWK set. */
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose';
import type { Database } from '../db/connection/database.ts';
import {
  listSigningKeys,
  replaceSigningKey,
  type SigningKey,
} from '../db/accounts/signing-keys.ts';
import type { Sealer } from '../sealer.ts';

export const ALGORITHM = 'EdDSA';

/** Age after which the next process that signs creates a new key. */
const KEY_LIFE_MS = 90 * 86_400_000;
/** Age after which keys are reloaded, to notice those of other processes. */
const RELOAD_MS = 30_000;
/** An unknown kid may be a new key: the database is asked again, but not more often than this. */
const UNKNOWN_RELOAD_MS = 2000;

export interface Signer {
  readonly kid: string;
  readonly key: CryptoKey;
}

export class KeyRing {
  readonly #db: Database;
  readonly #sealer: Sealer;
  readonly #clock: () => Date;
  #loaded: Promise<readonly SigningKey[]> | undefined;
  #loadedAt = 0;
  readonly #public = new Map<string, CryptoKey>();

  constructor(db: Database, sealer: Sealer, clock: () => Date) {
    this.#db = db;
    this.#sealer = sealer;
    this.#clock = clock;
  }

  /** Returns the current private key; the first one is created on first use. */
  async signer(): Promise<Signer> {
    const current = (await this.#list(RELOAD_MS)).find(({ retiredAt }) => retiredAt === null);
    // If the secret key that sealed it is gone, it can no longer sign; its tokens still verify.
    const jwk = current === undefined ? undefined : this.#open(current);
    if (current === undefined || jwk === undefined || this.#isOld(current)) {
      try {
        // If several processes do this at once, one creates the key and the others use it.
        await this.#replace((known) => known?.kid === current?.kid);
        return await this.signer();
      } catch (error) {
        // Executors may not create keys: the old one is used until an API process has created one.
        if (current === undefined || jwk === undefined) throw error;
      }
    }
    return { kid: current.kid, key: await importKey(jwk) };
  }

  /** Returns the public key of a kid; undefined if there is none. */
  async publicKey(kid: string): Promise<CryptoKey | undefined> {
    const known = this.#public.get(kid);
    if (known !== undefined) return known;
    const find = async (agedMs: number): Promise<SigningKey | undefined> =>
      (await this.#list(agedMs)).find((each) => each.kid === kid);
    const found = (await find(RELOAD_MS)) ?? (await find(UNKNOWN_RELOAD_MS));
    if (found === undefined) return undefined;
    const key = await importKey(found.publicJwk);
    this.#public.set(kid, key);
    return key;
  }

  /** The public keys, for `/.well-known/jwks.json`. */
  async publicJwks(): Promise<readonly JWK[]> {
    return (await this.#list(RELOAD_MS)).map(({ kid, publicJwk }) => ({
      ...publicJwk,
      kid,
      alg: ALGORITHM,
      use: 'sig',
    }));
  }

  /** Makes a new key current; the old ones still verify. Returns the new kid. */
  rotate(): Promise<string> {
    return this.#replace(() => true);
  }

  #open({ kid, sealedPrivateJwk }: SigningKey): JWK | undefined {
    try {
      return JSON.parse(this.#sealer.open(sealedPrivateJwk, placeOfKey(kid)));
    } catch {
      return undefined;
    }
  }

  #isOld({ createdAt }: SigningKey): boolean {
    return this.#clock().getTime() - createdAt.getTime() > KEY_LIFE_MS;
  }

  async #replace(wanted: (current: SigningKey | undefined) => boolean): Promise<string> {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const sealedPrivateJwk = this.#sealer.seal(
      JSON.stringify(await exportJWK(privateKey)),
      placeOfKey(kid),
    );
    await this.#db.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [KEYS_LOCK]);
      const current = (await listSigningKeys(tx)).find(({ retiredAt }) => retiredAt === null);
      if (wanted(current)) {
        await replaceSigningKey(
          tx,
          { kid, publicJwk: { ...publicJwk }, sealedPrivateJwk },
          this.#clock(),
        );
      }
    });
    this.#loaded = undefined;
    return kid;
  }

  #list(agedMs: number): Promise<readonly SigningKey[]> {
    const now = performance.now();
    if (this.#loaded === undefined || now - this.#loadedAt > agedMs) {
      this.#loadedAt = now;
      this.#loaded = listSigningKeys(this.#db).catch((error: unknown) => {
        this.#loaded = undefined;
        throw error;
      });
    }
    return this.#loaded;
  }
}

const KEYS_LOCK = 7_305_412;

/** The context that a private key's encryption is bound to. */
export function placeOfKey(kid: string): string {
  return `signing key ${kid}`;
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, ALGORITHM);
  if (key instanceof Uint8Array) throw new Error('a signing key is not asymmetric');
  return key;
}
