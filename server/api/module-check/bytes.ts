/** Modules between the API and its checking process: as they are, through a pipe, a piece at a time. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** Reads so many bytes, no more. Throws where the stream ends before. */
export async function takeBytes(from: Readable, count: number): Promise<Uint8Array<ArrayBuffer>> {
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

/** Writes all of them, no faster than they are read. */
export async function giveBytes(to: Writable, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (!to.write(bytes.subarray(at, at + PIECE_BYTES))) await once(to, 'drain');
  }
}

const PIECE_BYTES = 256 * 1024;
