/** An upload with an Idempotency-Key happens once, however often it is sent, and by however many connections. */
import { createHash } from 'node:crypto';
import type { Queryable } from '../../db/connection/database.ts';
import { findUpload, keepUpload } from '../../db/handlers/upload-keys.ts';
import { ProblemError } from '../../problems/problems.ts';
import { digestOf } from '../../store/store.ts';

/** A key is remembered for so long. */
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

  /** @param digest of all that was sent with the key */
  constructor(key: string, digest: Buffer, now: Date) {
    this.#key = key;
    this.#digest = digest;
    this.#now = now;
    this.#since = new Date(now.getTime() - KEY_MS);
  }

  /** The number of the version that the key has made; undefined where there is none. Throws where it was another upload. */
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
