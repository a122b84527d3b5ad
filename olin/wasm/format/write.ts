/** Writes the primitives of the WebAssembly binary format. */

const utf8 = new TextEncoder();

/** A growing buffer of bytes. */
export class Writer {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
  }

  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  u8(byte: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  /** Unsigned LEB128 of at most 32 bits, in its shortest form. */
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.u8(rest);
  }

  /** Unsigned LEB128 of a safe integer, in its shortest form. */
  u64(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.u8(rest);
  }

  /** Signed LEB128 of a safe integer, in its shortest form. */
  signed(value: number): void {
    let rest = value;
    while (rest < -64 || rest > 63) {
      const low = ((rest % 128) + 128) % 128;
      this.u8(low | 0x80);
      rest = (rest - low) / 128;
    }
    this.u8(rest & 0x7f);
  }

  /** Writes two bytes at once: the size of most woven instructions. */
  #pair(first: number, second: number): void {
    const { length } = this;
    if (length + 2 > this.bytes.length) this.reserve(2);
    const { bytes } = this;
    bytes[length] = first;
    bytes[length + 1] = second;
    this.length = length + 2;
  }

  /** An instruction with an index. */
  op(opcode: number, index: number): void {
    if (index < 0x80) this.#pair(opcode, index);
    else {
      this.u8(opcode);
      this.u32(index);
    }
  }

  /** The instruction i64.const. */
  i64(value: number): void {
    if (value >= -64 && value < 64) this.#pair(0x42, value & 0x7f);
    else {
      this.u8(0x42);
      this.signed(value);
    }
  }

  /** Copies `from[start, end)`. */
  copy(from: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    const { bytes } = this;
    let to = this.length;
    if (count > 48) bytes.set(from.subarray(start, end), to);
    else for (let at = start; at < end; at++) bytes[to++] = from[at] ?? 0;
    this.length += count;
  }

  append(other: Writer): void {
    this.copy(other.bytes, 0, other.length);
  }

  name(text: string): void {
    const bytes = utf8.encode(text);
    this.u32(bytes.length);
    this.copy(bytes, 0, bytes.length);
  }

  /** Writes a part preceded by its length, such as a section. */
  sized(part: Writer): void {
    this.u32(part.length);
    this.append(part);
  }

  /** Returns the bytes written. The writer must not be used afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.bytes.buffer.transfer(this.length));
  }
}
