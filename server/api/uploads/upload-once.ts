/** Idempotency-Key: an upload is applied once, even if it is sent several times, also concurrently. */
import { createHash } from 'node:crypto';
import type { Queryable } from '../../db/connection/database.ts';
import { findUpload, keepUpload } from '../../db/handlers/upload-keys.ts';
import { ProblemError } from '../../problems/problems.ts';
import { digestOf } from '../../store/store.ts';

/** How long a key is remembered. */
const KEY_MS = 86_400_000;

export interface SentUpload {
  readonly bytes: Uint8Array;
  readonly activate: boolean;
  readonly note: string;
}

export class UploadOnce {
  readonly #key: string;
  readonly #digest: Buffer;
  readonly #now: Date;
  readonly #since: Date;

  static async of(key: string, sent: SentUpload, now: Date): Promise<UploadOnce> {
    const request = JSON.stringify([await digestOf(sent.bytes), sent.activate, sent.note]);
    return new UploadOnce(key, createHash('sha256').update(request).digest(), now);
  }

  /** @param digest the SHA-256 digest of everything sent with the key */
  constructor(key: string, digest: Buffer, now: Date) {
    this.#key = key;
    this.#digest = digest;
    this.#now = now;
    this.#since = new Date(now.getTime() - KEY_MS);
  }

  /** Returns the number of the version created with the key, if any. Throws `key-used-otherwise` for another upload. */
  async find(db: Queryable, handlerId: string | undefined): Promise<number | undefined> {
    if (handlerId === undefined) return undefined;
    const known = await findUpload(db, { handlerId, key: this.#key }, this.#since);
    if (known === undefined) return undefined;
    if (this.#digest.equals(known.requestDigest)) return known.version;
    throw new ProblemError(
      'key-used-otherwise',
      'This Idempotency-Key was sent with another upload. Use a new key for a new upload.',
    );
  }

  keep(tx: Queryable, handlerId: string, versionId: string): Promise<void> {
    const upload = { handlerId, key: this.#key, requestDigest: this.#digest, versionId };
    return keepUpload(tx, { ...upload, now: this.#now }, this.#since);
  }
}
