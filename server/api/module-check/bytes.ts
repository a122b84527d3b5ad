/** Sends modules through pipes between the API and its check processes, in chunks. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** Reads exactly `count` bytes. Throws if the stream ends before. */
export async function readBytes(from: Readable, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  let at = 0;
  while (at < count) {
    const piece: unknown = from.read();
    if (!(piece instanceof Uint8Array)) {
      if (from.readableEnded || from.destroyed) throw new Error('the pipe has ended');
      await once(from, 'readable');
      continue;
    }
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Writes all bytes, with back-pressure. */
export async function writeBytes(to: Writable, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    if (!to.write(bytes.subarray(at, at + CHUNK_BYTES))) await once(to, 'drain');
  }
}

const CHUNK_BYTES = 256 * 1024;
