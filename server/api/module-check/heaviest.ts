/**
 * Reduces a module to the functions that may take an optimizing compiler long.
 *
 * The compiler handles about 150 KB per second, so a module of several megabytes would take half a minute. In a run, only
 * hot functions are optimized, one at a time. A single function can exceed the bounds, because its cost grows faster than
 * its size: with locals times branches. Small functions are cheap. The heaviest functions are therefore compiled, and the
 * bodies of the others are replaced.
 */

/** Size times locals. Functions of at least this weight are all compiled. Compilers emit few of them. */
const HEAVY = 20_000_000;
/** Bytes of lighter functions that are compiled too, heaviest first. */
const BUDGET_BYTES = 256 * 1024;
/** Added to the locals of each function, so that size counts even without locals. */
const BASE_LOCALS = 64;
const CODE_SECTION = 10;
/** A body with its size: no locals, `unreachable` (valid for every type), `end`. */
const TRAP = Uint8Array.of(3, 0, 0x00, 0x0b);

interface Body {
  /** Offset of the body's size field; `end` is the end of its code. */
  readonly start: number;
  readonly end: number;
  readonly weight: number;
}

/**
 * Replaces the bodies of light functions.
 * @param module must be valid; the result is valid and has the same functions
 */
export function keepHeaviest(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new CodeReader(module);
  reader.at = 8;
  while (reader.at < module.length) {
    const start = reader.at;
    const id = reader.byte();
    const size = reader.number();
    const end = reader.at + size;
    if (id === CODE_SECTION) return replaceLight(module, reader, start, end);
    reader.at = end;
  }
  return module.slice();
}

function replaceLight(
  module: Uint8Array,
  reader: CodeReader,
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  const count = reader.number();
  const bodies = Array.from({ length: count }, () => readBody(reader));
  const kept = new Set<Body>();
  let bytes = 0;
  for (const body of bodies.toSorted((a, b) => b.weight - a.weight)) {
    bytes += body.end - body.start;
    if (body.weight < HEAVY && bytes > BUDGET_BYTES) break;
    kept.add(body);
  }
  const pieces = bodies.map((body) =>
    kept.has(body) ? module.subarray(body.start, body.end) : TRAP,
  );
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const counted = leb(count);
  return concat([
    module.subarray(0, start),
    Uint8Array.of(CODE_SECTION, ...leb(counted.length + size)),
    Uint8Array.from(counted),
    ...pieces,
    module.subarray(end),
  ]);
}

function readBody(reader: CodeReader): Body {
  const start = reader.at;
  const size = reader.number();
  const end = reader.at + size;
  let locals = BASE_LOCALS;
  for (let groups = reader.number(); groups > 0; groups -= 1) {
    locals += reader.number();
    reader.skipType();
  }
  reader.at = end;
  return { start, end, weight: size * locals };
}

class CodeReader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    this.at += 1;
    return this.#bytes[this.at - 1] ?? 0;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** Skips a value type: one byte, or `ref` or `ref null` followed by a heap type. */
  skipType(): void {
    const byte = this.byte();
    if (byte === 0x63 || byte === 0x64) this.number();
  }
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 128))];
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
