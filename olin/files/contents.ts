/**
 * The bytes of a file, in pieces that exist only where something was written: a hole takes no memory. What a file
 * initially contains is shared between runs, and copied piece by piece when it is written.
 */
import { gasFor } from '../run/call-cost.ts';
import { FILE_BOUNDS, FILE_COST } from './file-bounds.ts';
import { FileError } from './file-error.ts';
import type { FileHost } from './file-host.ts';

const PIECE_BYTES = 32 * 1024;
const SMALLEST_BYTES = 64;
const NOTHING = new Uint8Array(0);

export class Contents {
  /** By their number. A piece may be shorter than PIECE_BYTES; the rest is zeros, as is all after the end of the file. */
  readonly #pieces = new Map<number, Uint8Array<ArrayBuffer>>();
  readonly #initial: Uint8Array;
  /** Bytes of `#initial` that were not cut off. */
  #initialSize: number;
  #size: number;
  #held = 0;

  constructor(initial: Uint8Array = NOTHING) {
    this.#initial = initial;
    this.#initialSize = initial.length;
    this.#size = initial.length;
  }

  get size(): number {
    return this.#size;
  }

  /** Copies what is at the position, up to the length of `into` or the end of the file. Returns the number of bytes. */
  read(at: number, into: Uint8Array): number {
    const total = Math.max(0, Math.min(into.length, this.#size - at));
    for (let done = 0; done < total;) {
      const start = (at + done) % PIECE_BYTES;
      const count = Math.min(PIECE_BYTES - start, total - done);
      const number = Math.floor((at + done) / PIECE_BYTES);
      const bytes = this.#pieces.get(number) ?? this.#initialPiece(number);
      const found = bytes.subarray(start, start + count);
      into.set(found, done);
      into.fill(0, done + found.length, done + count);
      done += count;
    }
    return total;
  }

  /**
   * Writes the bytes at the position; what is between the end of the file and it becomes a hole. Returns a short count if
   * the memory of the run is used up. Throws `fbig` past the largest size, and `nospc` if nothing fits.
   */
  write(at: number, from: Uint8Array, host: FileHost): number {
    if (from.length === 0) return 0;
    const total = Math.min(from.length, FILE_BOUNDS.fileBytes - at);
    if (total <= 0) throw new FileError('fbig');
    let done = 0;
    while (done < total) {
      const start = (at + done) % PIECE_BYTES;
      const count = Math.min(PIECE_BYTES - start, total - done);
      const piece = this.#pieceFor(Math.floor((at + done) / PIECE_BYTES), start + count, host);
      if (piece === undefined) break;
      piece.set(from.subarray(done, done + count), start);
      done += count;
    }
    if (done === 0) throw new FileError('nospc');
    this.#size = Math.max(this.#size, at + done);
    return done;
  }

  /** Cuts the file off, or extends it with a hole. */
  resize(size: number, host: FileHost): void {
    if (size > FILE_BOUNDS.fileBytes) throw new FileError('fbig');
    if (size < this.#size) this.#cut(size, host);
    this.#size = size;
  }

  /** Stops counting the memory of a file that nothing refers to. */
  release(host: FileHost): void {
    host.release(this.#held);
    this.#held = 0;
    this.#pieces.clear();
  }

  #cut(size: number, host: FileHost): void {
    host.charge(gasFor('item', this.#pieces.size) + gasFor('moved', PIECE_BYTES));
    this.#initialSize = Math.min(this.#initialSize, size);
    const last = Math.floor(size / PIECE_BYTES);
    for (const [number, piece] of this.#pieces) {
      if (number * PIECE_BYTES < size) {
        if (number === last) piece.fill(0, size % PIECE_BYTES);
      } else {
        const cost = piece.length + FILE_COST.piece;
        this.#pieces.delete(number);
        this.#held -= cost;
        host.release(cost);
      }
    }
  }

  #initialPiece(number: number): Uint8Array {
    const start = number * PIECE_BYTES;
    return this.#initial.subarray(start, Math.min(start + PIECE_BYTES, this.#initialSize));
  }

  /** Returns a piece of at least `length` bytes to write to; undefined if it does not fit into the memory of the run. */
  #pieceFor(number: number, length: number, host: FileHost): Uint8Array<ArrayBuffer> | undefined {
    const known = this.#pieces.get(number);
    if (known !== undefined && known.length >= length) return known;
    const before = known ?? this.#initialPiece(number);
    let size = SMALLEST_BYTES;
    while (size < Math.max(length, before.length)) size *= 2;
    const cost = known === undefined ? size + FILE_COST.piece : size - known.length;
    if (!host.hold(cost)) return undefined;
    this.#held += cost;
    const piece = new Uint8Array(size);
    piece.set(before);
    this.#pieces.set(number, piece);
    return piece;
  }
}
