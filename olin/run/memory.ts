/** The guest's memory, reached by bounds-checked reads and writes only. */
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
   * The bytes from `base` on, as a view that is good until the guest runs again.
   * Both are taken as unsigned. Throws InvalidArgument where they leave the memory.
   */
  view(base: number, length: number): Uint8Array {
    const all = this.check(base, length);
    const from = base >>> 0;
    return all.subarray(from, from + (length >>> 0));
  }

  /** Makes sure that a range lies inside, as {@link view} does, and gives the whole memory. */
  check(base: number, length: number): Uint8Array {
    // Growing detaches the old buffer, whose views then have length 0. Asking the memory each time is slower.
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

  /** From now on all of it is out of bounds, to a call of the host too that comes to its end later. */
  close(): void {
    this.#memory = undefined;
    this.#view = NOTHING;
  }
}

/** UTF-8 text; what is not valid UTF-8 reads as U+FFFD. */
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

  /** Writes the text in UTF-8 where it fits, else nothing. Returns the bytes that it has. */
  writeText(text: string): number {
    if (text === '') return 0;
    // No character takes more than three bytes of each of its units.
    if (text.length * 3 <= this.length) {
      return encoder.encodeInto(text, this.#memory.view(this.#base, this.length)).written;
    }
    const bytes = encoder.encode(text);
    return bytes.length > this.length ? bytes.length : this.write(bytes);
  }

  /** Writes all of `bytes` at the front; the caller has made sure that they fit. Returns their number. */
  write(bytes: Uint8Array): number {
    this.#memory.check(this.#base, this.length).set(bytes, this.#base);
    return bytes.length;
  }
}
