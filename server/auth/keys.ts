/** Signing keys of tokens or of callbacks: creates, seals and rotates them, and publishes them as a JWK set. */
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
  findSealedKey,
  listVerifyingKeys,
  replaceSigningKey,
  type KeyKind,
  type SealedKey,
  type VerifyingKey,
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
  readonly #kind: KeyKind;
  #loaded: Promise<readonly VerifyingKey[]> | undefined;
  #loadedAt = 0;
  #signer: Signer | undefined;
  readonly #public = new Map<string, CryptoKey>();

  constructor(db: Database, sealer: Sealer, clock: () => Date, kind: KeyKind = 'tokens') {
    this.#db = db;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#kind = kind;
  }

  /** Returns the current private key; the first one is created on first use. */
  async signer(): Promise<Signer> {
    const current = (await this.#list(RELOAD_MS)).find(({ retiredAt }) => retiredAt === null);
    const signer = current === undefined ? undefined : await this.#open(current.kid);
    if (current !== undefined && signer !== undefined && !this.#isOld(current)) return signer;
    try {
      // If several processes do this at once, one creates the key and the others use it.
      await this.#replace((known) => known?.kid === current?.kid);
    } catch (error) {
      // Executors may not create keys: the old one is used until an API process has created one.
      if (signer === undefined) throw error;
      return signer;
    }
    return this.signer();
  }

  /** Returns the public key of a kid; undefined if there is none. */
  async publicKey(kid: string): Promise<CryptoKey | undefined> {
    const known = this.#public.get(kid);
    if (known !== undefined) return known;
    const find = async (agedMs: number): Promise<VerifyingKey | undefined> =>
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

  /**
   * Undefined if the secret key that encrypted it is gone: it can no longer sign, but its signatures can still be
   * verified.
   */
  async #open(kid: string): Promise<Signer | undefined> {
    if (this.#signer?.kid === kid) return this.#signer;
    const sealed = await findSealedKey(this.#db, this.#kind);
    if (sealed !== undefined && sealed.kid !== kid) {
      // Another process has replaced it.
      this.#loaded = undefined;
      return this.signer();
    }
    const jwk = sealed === undefined ? undefined : this.#unseal(sealed);
    if (jwk === undefined) return undefined;
    this.#signer = { kid, key: await importKey(jwk) };
    return this.#signer;
  }

  #unseal({ kid, sealedPrivateJwk }: SealedKey): JWK | undefined {
    try {
      return JSON.parse(this.#sealer.open(sealedPrivateJwk, placeOfKey(kid)));
    } catch {
      return undefined;
    }
  }

  #isOld({ createdAt }: VerifyingKey): boolean {
    return this.#clock().getTime() - createdAt.getTime() > KEY_LIFE_MS;
  }

  async #replace(wanted: (current: VerifyingKey | undefined) => boolean): Promise<string> {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const sealedPrivateJwk = this.#sealer.seal(
      JSON.stringify(await exportJWK(privateKey)),
      placeOfKey(kid),
    );
    await this.#db.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [KEYS_LOCK]);
      const current = (await listVerifyingKeys(tx, this.#kind)).find(
        ({ retiredAt }) => retiredAt === null,
      );
      if (wanted(current)) {
        await replaceSigningKey(
          tx,
          this.#kind,
          { kid, publicJwk: { ...publicJwk }, sealedPrivateJwk },
          this.#clock(),
        );
      }
    });
    this.#loaded = undefined;
    return kid;
  }

  #list(agedMs: number): Promise<readonly VerifyingKey[]> {
    const now = performance.now();
    if (this.#loaded === undefined || now - this.#loadedAt > agedMs) {
      this.#loadedAt = now;
      this.#loaded = listVerifyingKeys(this.#db, this.#kind).catch((error: unknown) => {
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
