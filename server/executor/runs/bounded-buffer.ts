/** Keeps the first bytes written to it. */

/** Bytes of standard output and standard error kept for a synchronous run, whose caller received the output. */
export const OUTPUT_BYTES = 4096;
/** Bytes of output kept for an asynchronous run, where it is the result. */
export const RESULT_BYTES = 256 * 1024;
const NOTHING = new Uint8Array(0);

export class BoundedBuffer {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(maxBytes = OUTPUT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  readonly take = (chunk: Uint8Array): void => {
    const room = this.#maxBytes - this.#length;
    if (room <= 0) return;
    const kept = chunk.length > room ? chunk.slice(0, room) : chunk;
    this.#chunks.push(kept);
    this.#length += kept.length;
  };

  bytes(): Uint8Array {
    const [only] = this.#chunks;
    if (only === undefined) return NOTHING;
    return this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
  }
}
