/**
 * The host's part of renewing an instance: restores its memories (woven-renewal.ts restores its globals). If the module was
 * split (../image/split.ts), it also gives a new instance the image.
 */
import type { Image } from '../image/image.ts';
import { renewExport, type MeterPlan } from '../plan.ts';

/**
 * Restoring a larger memory, if its guest wrote all of it, takes as long as mapping a new one. The total of idle instances
 * is limited in bytes as well (run/idle-instances.ts).
 */
const MAX_PAGES = 128;
/** Restored in pieces of this size, of which those that are still zero are not written. */
const PIECE_BYTES = 65_536;
/** Shorter stretches of zeros are stored. */
const MIN_GAP_BYTES = 4096;
/**
 * Maximum number of stored bytes per byte that is not zero, above a fixed allowance. Compilers write dense data.
 * Otherwise a module of a few hundred bytes could keep contents of 8 MiB for as long as its handler is cached.
 */
const MAX_SPARSENESS = 4;
const FREE_BYTES = 16_384;
/** Below this, writing all is faster than looking. */
const MIN_CHECKED_BYTES = 4 * PIECE_BYTES;

/** Whether all bytes are 0; see gauge-options.ts. */
export type IsZero = (bytes: Uint8Array) => boolean;

/** The initial contents of a memory (its data segments), without long stretches of zeros. */
interface Contents {
  /** Pairs of an address and a length, in ascending order. */
  readonly ranges: Uint32Array;
  /** The bytes of all ranges. */
  readonly bytes: Uint8Array;
}

interface Ranges {
  readonly ranges: Uint32Array;
  /** Total length of the ranges. */
  readonly length: number;
  /** Number of 32-bit words that are not zero. */
  readonly words: number;
}

interface Renewable {
  /** The whole memory; its length becomes 0 when the memory grows. */
  readonly view: Uint8Array;
  readonly contents: Contents;
}

/**
 * Initial contents of a module's memories, captured from its first instance. They exclude an image of few runs, so that
 * modules with the same code share them.
 */
const initial = new WeakMap<MeterPlan, readonly Contents[] | 'too sparse'>();

export class Renewal {
  readonly #memories: readonly Renewable[];
  readonly #renewGlobals: () => unknown;
  readonly #image: Image | undefined;
  readonly #isZero: IsZero | undefined;

  private constructor(
    memories: readonly Renewable[],
    renewGlobals: () => unknown,
    image: Image | undefined,
    isZero: IsZero | undefined,
  ) {
    this.#image = image;
    this.#isZero = isZero;
    this.#memories = memories;
    this.#renewGlobals = renewGlobals;
  }

  /**
   * Takes a new instance and its memories, before an image of few runs is written. Returns undefined if it
   * should not be renewed: other state outlives its guests, or restoring its memories takes longer than mapping new ones.
   */
  static of(
    plan: MeterPlan,
    { exports }: WebAssembly.Instance,
    memories: readonly WebAssembly.Memory[],
    isZero?: IsZero,
  ): Renewal | undefined {
    if (!plan.isRenewable || plan.initialPages > MAX_PAGES) return undefined;
    // Growth of an empty memory would go unnoticed: its view has length 0 from the start.
    if (plan.memories.some(({ min }) => min === 0)) return undefined;
    const renewGlobals = exports[renewExport(plan)];
    if (typeof renewGlobals !== 'function') return undefined;
    const { begins } = plan;
    const written = begins?.image.hasFewRuns === true ? begins : undefined;
    const key = written?.code ?? plan;
    const views = memories.map(({ buffer }) => new Uint8Array(buffer));
    const known = initial.get(key) ?? takeAll(views);
    initial.set(key, known);
    if (known === 'too sparse') return undefined;
    const renewable = views.flatMap((view, index) => {
      const contents = known[index];
      return contents === undefined ? [] : [{ view, contents }];
    });
    const values = begins?.image.values ?? [];
    return new Renewal(renewable, () => renewGlobals(...values), written?.image, isZero);
  }

  /** Removes all state of the previous guest, which must have ended. Returns false if a memory grew: it cannot shrink. */
  renew(): boolean {
    // Growing detaches the old buffer, so its views have length 0.
    if (this.#memories.some(({ view }) => view.length === 0)) return false;
    for (const each of this.#memories) restore(each, this.#isZero);
    const [first] = this.#memories;
    if (first !== undefined) this.#image?.apply(first.view);
    this.#renewGlobals();
    return true;
  }
}

/** Gives a new instance of a module that was split its image. Nothing has run in it yet. */
export function beginWithImage(
  plan: MeterPlan,
  { exports }: WebAssembly.Instance,
  [memory]: readonly WebAssembly.Memory[],
): void {
  const image = plan.begins?.image;
  if (image === undefined || memory === undefined) return;
  image.apply(new Uint8Array(memory.buffer));
  const setGlobals = exports[renewExport(plan)];
  if (typeof setGlobals !== 'function') throw new TypeError('the instance takes no image');
  setGlobals(...image.values);
}

function takeAll(views: readonly Uint8Array[]): readonly Contents[] | 'too sparse' {
  const found = views.map((view) => findRanges(view));
  const stored = found.reduce((sum, { length }) => sum + length, 0);
  const words = found.reduce((sum, each) => sum + each.words, 0);
  if (stored > FREE_BYTES + MAX_SPARSENESS * 4 * words) return 'too sparse';
  return views.flatMap((view, index) => {
    const each = found[index];
    return each === undefined ? [] : [takeContents(view, each)];
  });
}

function findRanges(view: Uint8Array): Ranges {
  // A memory is whole pages and mostly zeros, so four bytes are compared at a time.
  const memory = new Int32Array(view.buffer);
  const ranges: number[] = [];
  let words = 0;
  let length = 0;
  let end = -Infinity;
  for (let at = 0; at < memory.length; at++) {
    if (memory[at] === 0) continue;
    words += 1;
    if (4 * at - end >= MIN_GAP_BYTES) ranges.push(4 * at, 0);
    const from = ranges.at(-2) ?? 0;
    end = 4 * at + 4;
    length += end - from - (ranges.at(-1) ?? 0);
    ranges[ranges.length - 1] = end - from;
  }
  return { ranges: Uint32Array.from(ranges), length, words };
}

function takeContents(view: Uint8Array, { ranges, length }: Ranges): Contents {
  const bytes = new Uint8Array(length);
  for (let index = 0, at = 0; index < ranges.length; index += 2) {
    const [from = 0, size = 0] = ranges.subarray(index, index + 2);
    bytes.set(view.subarray(from, from + size), at);
    at += size;
  }
  return { ranges, bytes };
}

function restore({ view, contents: { ranges, bytes } }: Renewable, isZero?: IsZero): void {
  let end = 0;
  let at = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    const from = ranges[index] ?? 0;
    const size = ranges[index + 1] ?? 0;
    zero(view, end, from, isZero);
    view.set(bytes.length === size ? bytes : bytes.subarray(at, at + size), from);
    at += size;
    end = from + size;
  }
  zero(view, end, view.length, isZero);
}

/**
 * Zeroes a range. Pieces that are zero are not written: reading takes a third of the time, and pages that no guest has
 * touched take no memory.
 */
function zero(view: Uint8Array, from: number, to: number, isZero: IsZero | undefined): void {
  if (isZero === undefined || to - from < MIN_CHECKED_BYTES) {
    view.fill(0, from, to);
    return;
  }
  for (let at = from; at < to; at += PIECE_BYTES) {
    const piece = view.subarray(at, Math.min(at + PIECE_BYTES, to));
    if (!isZero(piece)) piece.fill(0);
  }
}
