/** A byte queue in one growing buffer. Its capacity doubles, so on average each byte is copied only a few times. */

const MIN_CAPACITY = 256;
const NOTHING = new Uint8Array(0);

export class ByteQueue {
  #buffer: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  #dropped = 0;
  /** Whether the queue owns the buffer, and so may write to it. */
  #isOwn = false;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Number of bytes removed so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Appends a copy of the chunk. */
  append(chunk: Uint8Array): void {
    if (!this.#isOwn || this.#end + chunk.length > this.#buffer.length) {
      this.#makeRoom(chunk.length);
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Like {@link append}, for a chunk that is not modified afterwards: if the queue is empty, the chunk is not copied. */
  adopt(chunk: Uint8Array): void {
    if (this.length > 0) return this.append(chunk);
    this.#buffer = chunk;
    this.#start = 0;
    this.#end = chunk.length;
    this.#isOwn = false;
  }

  /** Removes and returns up to `max` bytes, as a copy. */
  take(max: number = this.length): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(Math.min(max, this.length));
    taken.set(this.view(max));
    this.drop(max);
    return taken;
  }

  /** Returns a view of up to `max` leading bytes, valid until the queue changes. */
  view(max: number = this.length): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#start + Math.min(max, this.length));
  }

  /** Removes up to `max` bytes. */
  drop(max: number): void {
    const count = Math.min(max, this.length);
    this.#start += count;
    this.#dropped += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }

  /** Removes and returns all bytes; the view stays valid. */
  takeAll(): Uint8Array {
    const all = this.view();
    this.#dropped += all.length;
    this.#buffer = NOTHING;
    this.#start = this.#end = 0;
    this.#isOwn = false;
    return all;
  }

  /** Returns the index of the first `byte` at or after `skip`; -1 if there is none. */
  indexOf(byte: number, skip: number): number {
    const at = this.#buffer.subarray(0, this.#end).indexOf(byte, this.#start + skip);
    return at === -1 ? -1 : at - this.#start;
  }

  #makeRoom(extra: number): void {
    const { length } = this;
    const held = this.view();
    const needed = length + extra;
    // Grow to twice the size needed, so that many small chunks cost little.
    if (!this.#isOwn || needed > this.#buffer.length / 2) {
      this.#buffer = new Uint8Array(Math.max(MIN_CAPACITY, needed * 2));
      this.#isOwn = true;
    }
    this.#buffer.set(held, 0);
    this.#start = 0;
    this.#end = length;
  }
}
