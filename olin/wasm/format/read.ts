/** Reads the primitives of the WebAssembly binary format (core specification, chapter 5). */
import { InputError } from '../../errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A cursor over `bytes[at, end)`. Every length it reads is checked against `end` first. */
export class Reader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  /** Number of types in the module; a type index that is not below it is rejected when read. */
  readonly types: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length, types = Infinity) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.types = types;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** Returns the error for malformed input; `at` is the offset of the wrong byte. */
  malformed(what: string, at = this.at): InputError {
    return new InputError(
      'malformed-module',
      `This WebAssembly module is damaged: ${what} at byte ${at}. Build it again, or copy it again.`,
    );
  }

  unsupported(what: string): InputError {
    return new InputError(
      'unsupported-feature',
      `This module uses ${what}, which Olin does not run. Build it without that feature.`,
    );
  }

  u8(): number {
    const value = this.at < this.end ? this.bytes[this.at] : undefined;
    if (value === undefined) throw this.malformed('it ends too early');
    this.at++;
    return value;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    const { at } = this;
    const first = at < this.end ? this.bytes[at] : undefined;
    if (first === undefined || first >= 0x80) return this.#longU32();
    this.at = at + 1;
    return first;
  }

  /** Separate, so that the engine inlines the common case of one byte. */
  #longU32(): number {
    const start = this.at;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw this.malformed('a number is too large or too long', start);
  }

  /** An unsigned LEB128 of at most 64 bits. */
  u64(): bigint {
    const start = this.at;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      if (shift === 63n && byte > 1) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw this.malformed('a number is too large or too long', start);
  }

  /** A signed LEB128 of at most 33 bits: block types and heap types. */
  s33(): number {
    const start = this.at;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28) {
        // Only 5 bits of the fifth byte are significant; the two above them must repeat the sign.
        const top = byte & 0x70;
        if (byte >= 0x80 || (top !== 0 && top !== 0x70)) break;
      }
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - 2 ** (shift + 7) : value;
    }
    throw this.malformed('a number is too large or too long', start);
  }

  /** Skips a LEB128 of at most `maxBytes` bytes; the engine validates its value. */
  skipLeb(maxBytes: number): void {
    const { bytes } = this;
    const start = this.at;
    const last = start + maxBytes < this.end ? start + maxBytes : this.end;
    let at = start;
    while (at < last) {
      const byte = bytes[at++];
      if (byte !== undefined && byte < 0x80) {
        this.at = at;
        return;
      }
    }
    throw this.malformed('a number is too large or too long', start);
  }

  skip(count: number): void {
    if (count > this.end - this.at) throw this.malformed('it ends too early');
    this.at += count;
  }

  /** Reads a length and checks it against the remaining bytes; the cursor is then at the first of them. */
  length(what: string): number {
    const start = this.at;
    const length = this.u32();
    if (length > this.end - this.at) {
      throw this.malformed(`${what} is ${length} bytes long, but the file ends before that`, start);
    }
    return length;
  }

  /** Reads the number of items of a vector. Each takes at least one byte, which limits the count. */
  count(what: string): number {
    const start = this.at;
    const count = this.u32();
    if (count > this.end - this.at) {
      throw this.malformed(`it declares ${count} ${what}, but fewer bytes are left,`, start);
    }
    return count;
  }

  name(): string {
    const start = this.at;
    const length = this.length('a name');
    const slice = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    try {
      return utf8.decode(slice);
    } catch {
      throw this.malformed('a name is not UTF-8', start);
    }
  }
}
