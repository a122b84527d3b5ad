/**
 * Object store for modules, addressed by SHA-256. Objects are written once, never changed, and deleted when
 * unreferenced.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** SHA-256 in hexadecimal. */
export type Digest = string;

export interface ObjectStore {
  readonly kind: 'files' | 's3';
  /** Stores the bytes; does nothing if they are stored already. */
  put(bytes: Uint8Array): Promise<Digest>;
  /**
   * Returns undefined if there is no such object. Throws a {@link StoreError} if its content does not match the digest.
   */
  get(digest: Digest): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Does nothing if there is no such object. */
  remove(digest: Digest): Promise<void>;
  /** Throws if the store cannot be reached. */
  check(): Promise<void>;
}

/** The store failed: it is unreachable, or returned bytes that do not match the digest. */
export class StoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
  }
}

/** Bytes hashed per turn of the event loop, which takes a few milliseconds. */
const CHUNK_BYTES = 1024 * 1024;

export async function digestOf(bytes: Uint8Array): Promise<Digest> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    if (at > 0) await setImmediate();
    hash.update(bytes.subarray(at, at + CHUNK_BYTES));
  }
  return hash.digest('hex');
}

/** The object's name: two levels, so that no folder grows too large. */
export function keyOf(digest: Digest): string {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new StoreError('a digest is 64 hexadecimal digits');
  return `sha256/${digest.slice(0, 2)}/${digest.slice(2)}`;
}

/** Returns the bytes if they match the digest; throws otherwise. */
export async function verify<Bytes extends Uint8Array>(
  digest: Digest,
  bytes: Bytes,
): Promise<Bytes> {
  if ((await digestOf(bytes)) === digest) return bytes;
  throw new StoreError(`the stored object ${digest} does not match its digest`);
}
