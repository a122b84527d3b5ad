/** Bounds-checked access to the guest's memory. */
import { CallError } from '../errors.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

export class GuestMemory {
  #memory: WebAssembly.Memory | undefined;
  #view = NOTHING;

  /** Without a memory every range of bytes is out of bounds. */
  constructor(memory: WebAssembly.Memory | undefined) {
    this.#memory = memory;
  }

  /**
   * Returns a view of `length` bytes at `base` that is valid until the guest runs again.
   * Both are taken as unsigned. Throws InvalidArgument if the range is out of bounds.
   */
  view(base: number, length: number): Uint8Array {
    const all = this.check(base, length);
    const from = base >>> 0;
    return all.subarray(from, from + (length >>> 0));
  }

  /** Checks a range as {@link view} does, and returns a view of the whole memory. */
  check(base: number, length: number): Uint8Array {
    // Growing detaches the old buffer, so its views have length 0. Reading `memory.buffer` each time is slower.
    if (this.#view.length === 0 && this.#memory !== undefined) {
      this.#view = new Uint8Array(this.#memory.buffer);
    }
    const from = base >>> 0;
    const to = from + (length >>> 0);
    if (to > this.#view.length) {
      throw new CallError(
        'InvalidArgument',
        `bytes ${from} to ${to} are outside the guest's memory of ${this.#view.length} bytes`,
      );
    }
    return this.#view;
  }

  /** Makes every range out of bounds, also for system calls that are still pending. */
  close(): void {
    this.#memory = undefined;
    this.#view = NOTHING;
  }
}

/** Decodes UTF-8; invalid sequences become U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A range of guest memory that a system call may write to. */
export class GuestBuffer {
  readonly #memory: GuestMemory;
  readonly #base: number;
  readonly length: number;

  constructor(memory: GuestMemory, base: number, length: number) {
    memory.check(base, length);
    this.#memory = memory;
    this.#base = base >>> 0;
    this.length = length >>> 0;
  }

  /** Writes the text as UTF-8 if it fits, else nothing. Returns its length in bytes. */
  writeText(text: string): number {
    if (text === '') return 0;
    // A UTF-16 unit takes at most three bytes.
    if (text.length * 3 <= this.length) {
      return encoder.encodeInto(text, this.#memory.view(this.#base, this.length)).written;
    }
    const bytes = encoder.encode(text);
    return bytes.length > this.length ? bytes.length : this.write(bytes);
  }

  /** Writes `bytes` at the start; they must fit. Returns their number. */
  write(bytes: Uint8Array): number {
    this.#memory.check(this.#base, this.length).set(bytes, this.#base);
    return bytes.length;
  }
}
