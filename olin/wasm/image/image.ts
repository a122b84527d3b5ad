/**
 * The image of a module that is split: what its instances have in memory and globals beyond what its code gives them.
 * One format serves the store and the host: a preamble, the pages of memory, the globals, the places of the runs, and
 * their bytes.
 */
import { Reader } from '../format/read.ts';
import { Writer } from '../format/write.ts';
import { PAGE_BYTES } from '../host/host-pages.ts';

/** "OIMG", and the version of the format. */
const PREAMBLE = [0x4f, 0x49, 0x4d, 0x47, 1] as const;
const MAX_PAGES = 65_536;
/** A handler in JavaScript has 400 to 1,000. Each takes 30 to 150 ns to write. */
const MAX_FEW_RUNS = 2048;
/** From here on, one copy is faster than a loop over the bytes. */
const MIN_COPIED = 48;

/** The types of globals that an image has, in the order of their codes. */
export const IMAGE_TYPES = ['i32', 'i64', 'f32', 'f64'] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

export interface ImageGlobal {
  readonly type: ImageType;
  /** The bits of the value, as an unsigned number. */
  readonly bits: bigint;
}

/** Bytes that belong at `at`. */
export interface ImageRun {
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface ImageParts {
  /** Initial size of the memory in 64 KiB pages. */
  readonly pages: number;
  readonly globals: readonly ImageGlobal[];
  /** Written in this order: a later run covers an earlier one. */
  readonly runs: readonly ImageRun[];
}

export class Image {
  readonly pages: number;
  readonly globals: readonly ImageGlobal[];
  readonly #bytes: Uint8Array;
  /** For each run its address, and where its bytes begin and end. */
  readonly #places: Uint32Array;

  /** Throws an InputError if the bytes are not those of an image, or if a run does not fit in the memory. */
  constructor(bytes: Uint8Array) {
    const reader = new Reader(bytes);
    for (const expected of PREAMBLE) {
      if (reader.u8() !== expected) throw reader.malformed('it is not an image');
    }
    this.pages = reader.u32();
    if (this.pages > MAX_PAGES) throw reader.malformed('an image has too much memory');
    this.globals = Array.from({ length: reader.count('globals') }, () => readGlobal(reader));
    const places = new Uint32Array(reader.count('runs') * 3);
    for (let run = 0; run < places.length; run += 3) {
      const at = reader.u32();
      const length = reader.u32();
      if (at + length > this.pages * PAGE_BYTES) {
        throw reader.malformed('an image writes outside of its memory');
      }
      places.set([at, length], run);
    }
    let from = reader.at;
    for (let run = 0; run < places.length; run += 3) {
      const to = from + (places[run + 1] ?? 0);
      places.set([from, to], run + 1);
      from = to;
    }
    if (from !== bytes.length) throw reader.malformed('an image has another length');
    this.#bytes = bytes;
    this.#places = places;
  }

  /** The values of the globals as the function takes them that sets them (see weave/woven-renewal.ts). */
  get values(): (number | bigint)[] {
    return this.globals.map(({ type, bits }) =>
      type === 'i32' || type === 'f32' ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits),
    );
  }

  /**
   * Whether writing the runs costs less than the rest of a renewal. Nothing charges a guest for it, and anybody's module may
   * have 100,000 segments.
   */
  get hasFewRuns(): boolean {
    return this.#places.length <= MAX_FEW_RUNS * 3;
  }

  /** Writes the runs. @param memory has at least as many pages as the image */
  apply(memory: Uint8Array): void {
    const bytes = this.#bytes;
    const places = this.#places;
    for (let run = 0; run < places.length; run += 3) {
      let at = places[run] ?? 0;
      const from = places[run + 1] ?? 0;
      const to = places[run + 2] ?? 0;
      if (to - from >= MIN_COPIED) memory.set(bytes.subarray(from, to), at);
      else for (let next = from; next < to; next++) memory[at++] = bytes[next] ?? 0;
    }
  }
}

function readGlobal(reader: Reader): ImageGlobal {
  const type = IMAGE_TYPES[reader.u8()];
  if (type === undefined) throw reader.malformed('an image has an unknown type');
  let bits = 0n;
  for (let shift = 0n; shift < 64n; shift += 8n) bits |= BigInt(reader.u8()) << shift;
  return { type, bits };
}

export function writeImage({ pages, globals, runs }: ImageParts): Uint8Array<ArrayBuffer> {
  const out = new Writer(64 + runs.reduce((sum, { bytes }) => sum + bytes.length + 10, 0));
  for (const byte of PREAMBLE) out.u8(byte);
  out.u32(pages);
  out.u32(globals.length);
  for (const { type, bits } of globals) {
    out.u8(IMAGE_TYPES.indexOf(type));
    for (let shift = 0n; shift < 64n; shift += 8n) out.u8(Number((bits >> shift) & 0xffn));
  }
  out.u32(runs.length);
  for (const { at, bytes } of runs) {
    out.u32(at);
    out.u32(bytes.length);
  }
  for (const { bytes } of runs) out.copy(bytes, 0, bytes.length);
  return out.take();
}
