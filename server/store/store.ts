/** Where modules are kept: under the SHA-256 of their bytes, written once, never changed; removed where nothing needs them. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** SHA-256 in hexadecimal. */
export type Digest = string;

export interface ObjectStore {
  readonly kind: 'files' | 's3';
  /** Keeps the bytes; harmless where they are kept already. */
  put(bytes: Uint8Array): Promise<Digest>;
  /** Undefined where there are none. Throws a {@link StoreError} where they are not what they were. */
  get(digest: Digest): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Harmless where there are none. */
  remove(digest: Digest): Promise<void>;
  /** Whether the store can be reached; throws where not. */
  check(): Promise<void>;
}

/** The store failed: unreachable, or it gave other bytes than were put. */
export class StoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
  }
}

/** Hashed at once; the event loop waits for it no longer than a few milliseconds. */
const PIECE_BYTES = 1024 * 1024;

export async function digestOf(bytes: Uint8Array): Promise<Digest> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (at > 0) await setImmediate();
    hash.update(bytes.subarray(at, at + PIECE_BYTES));
  }
  return hash.digest('hex');
}

/** The object's name: two levels, so that no folder grows too large. */
export function keyOf(digest: Digest): string {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new StoreError('a digest is 64 hexadecimal digits');
  return `sha256/${digest.slice(0, 2)}/${digest.slice(2)}`;
}

/** Gives the bytes back where they are what the digest says. */
export async function verify<Bytes extends Uint8Array>(
  digest: Digest,
  bytes: Bytes,
): Promise<Bytes> {
  if ((await digestOf(bytes)) === digest) return bytes;
  throw new StoreError(`the stored object ${digest} has other bytes than were put`);
}
