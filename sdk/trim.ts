/**
 * Removes the parts of a linked module that a guest does not need. Keeps the exports `memory` and `_start` and the
 * names of functions, for backtraces. Removes other exports and other custom sections, which contain paths of the
 * machine.
 */
const EXPORTS = new Set(['memory', '_start']);
const CUSTOM_SECTION = 0;
const EXPORT_SECTION = 7;
const FUNCTION_NAMES = 1;

export function trim(module: Uint8Array, exports: ReadonlySet<string> = EXPORTS): Uint8Array {
  const reader = new Reader(module, 8);
  const parts = [module.subarray(0, 8)];
  while (!reader.atEnd) {
    const id = reader.byte();
    const body = reader.bytes();
    const trimmed =
      id === CUSTOM_SECTION
        ? trimCustom(body)
        : id === EXPORT_SECTION
          ? trimExports(body, exports)
          : body;
    if (trimmed !== undefined) parts.push(Uint8Array.of(id), sized(trimmed));
  }
  return join(parts);
}

function trimExports(section: Uint8Array, exports: ReadonlySet<string>): Uint8Array {
  const reader = new Reader(section);
  const kept: Uint8Array[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    const from = reader.at;
    const name = new TextDecoder().decode(reader.bytes());
    reader.byte();
    reader.u32();
    if (exports.has(name)) kept.push(section.subarray(from, reader.at));
  }
  return join([u32(kept.length), ...kept]);
}

/** Keeps only the function names. Returns undefined for other custom sections. */
function trimCustom(section: Uint8Array): Uint8Array | undefined {
  const reader = new Reader(section);
  const title = reader.bytes();
  if (new TextDecoder().decode(title) !== 'name') return undefined;
  while (!reader.atEnd) {
    const id = reader.byte();
    const body = reader.bytes();
    if (id === FUNCTION_NAMES)
      return join([sized(title), Uint8Array.of(id), sized(readable(body))]);
  }
  return undefined;
}

/** Demangles the function names. */
function readable(names: Uint8Array): Uint8Array {
  const reader = new Reader(names);
  const count = reader.u32();
  const parts = [u32(count)];
  for (let i = 0; i < count; i++) {
    parts.push(u32(reader.u32()));
    parts.push(sized(new TextEncoder().encode(demangle(new TextDecoder().decode(reader.bytes())))));
  }
  return join(parts);
}

/** Demangles names of Rust: `_ZN4main5serve17h0123456789abcdefE` is `main::serve`. Other names are not changed. */
function demangle(name: string): string {
  if (!name.startsWith('_ZN')) return name;
  const words: string[] = [];
  let rest = name.slice(3);
  for (let size = /^\d+/.exec(rest); size !== null; size = /^\d+/.exec(rest)) {
    const start = size[0].length;
    words.push(rest.slice(start, start + Number(size[0])));
    rest = rest.slice(start + Number(size[0]));
  }
  if (/^h[0-9a-f]{16}$/.test(words.at(-1) ?? '')) words.pop();
  return words
    .map((word) => word.replace(/^_(?=\$)/, ''))
    .join('::')
    .replaceAll('..', '::')
    .replace(
      /\$(LT|GT|RF|LP|RP|C|BP|u[0-9a-f]+)\$/g,
      (_all, code: string) => ESCAPES[code] ?? fromCode(code),
    );
}

const ESCAPES: Readonly<Record<string, string>> = {
  LT: '<',
  GT: '>',
  RF: '&',
  LP: '(',
  RP: ')',
  C: ',',
  BP: '*',
};

function fromCode(code: string): string {
  return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
}

/** Reads WebAssembly's binary format: bytes, unsigned LEB128 numbers, and vectors of bytes. */
class Reader {
  readonly source: Uint8Array;
  at: number;
  constructor(source: Uint8Array, at = 0) {
    this.source = source;
    this.at = at;
  }
  get atEnd(): boolean {
    return this.at >= this.source.length;
  }
  byte(): number {
    const byte = this.source[this.at++];
    if (byte === undefined) throw new RangeError('The module ends inside a section.');
    return byte;
  }
  u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
  bytes(): Uint8Array {
    const length = this.u32();
    this.at += length;
    return this.source.subarray(this.at - length, this.at);
  }
}

function u32(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, rest);
}

function sized(body: Uint8Array): Uint8Array {
  return join([u32(body.length), body]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
