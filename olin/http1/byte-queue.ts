/** Bytes that arrive in pieces and are taken in other pieces: one buffer that grows, each byte copied a few times at most. */

const LEAST_CAPACITY = 256;

export class ByteQueue {
  #buffer = new Uint8Array(LEAST_CAPACITY);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Copies the chunk in. */
  append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#buffer.length) this.#makeRoom(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Removes and returns up to `most` bytes, as a copy. */
  take(most: number = this.length): Uint8Array<ArrayBuffer> {
    const count = Math.min(most, this.length);
    const taken = this.#buffer.slice(this.#start, this.#start + count);
    this.#start += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
    return taken;
  }

  /** How many bytes come before the first `byte`, looked for after the first `skip` bytes; -1 where there is none. */
  indexOf(byte: number, skip: number): number {
    const at = this.#buffer.subarray(0, this.#end).indexOf(byte, this.#start + skip);
    return at === -1 ? -1 : at - this.#start;
  }

  #makeRoom(extra: number): void {
    const { length } = this;
    const held = this.#buffer.subarray(this.#start, this.#end);
    const needed = length + extra;
    // Twice what is needed, so that many small pieces cost little.
    if (needed > this.#buffer.length / 2) this.#buffer = new Uint8Array(needed * 2);
    this.#buffer.set(held, 0);
    this.#start = 0;
    this.#end = length;
  }
}
