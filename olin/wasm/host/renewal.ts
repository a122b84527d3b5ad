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
/** Below this, writing all is faster than looking. */
const MIN_CHECKED_BYTES = 4 * PIECE_BYTES;

/** Whether all bytes are 0; see gauge-options.ts. */
export type IsZero = (bytes: Uint8Array) => boolean;

/** The initial contents of a memory (its data segments), without leading and trailing zeros. */
interface Contents {
  readonly from: number;
  readonly bytes: Uint8Array;
}

interface Renewable {
  /** The whole memory; its length becomes 0 when the memory grows. */
  readonly view: Uint8Array;
  readonly contents: Contents;
}

/**
 * Initial contents of a module's memories, captured from its first instance; without an image, so that modules with the
 * same code share them.
 */
const initial = new WeakMap<MeterPlan, readonly Contents[]>();

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
   * Takes an instance in which nothing has run yet, and its memories, without an image. Returns undefined if it should not be renewed: other
   * state outlives its guests, or restoring its memories takes longer than mapping new ones.
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
    const code = plan.begins?.code ?? plan;
    const known = initial.get(code);
    const renewable = memories.map(({ buffer }, index) => {
      const view = new Uint8Array(buffer);
      return { view, contents: known?.[index] ?? takeContents(view) };
    });
    if (known === undefined) {
      initial.set(
        code,
        renewable.map(({ contents }) => contents),
      );
    }
    const image = plan.begins?.image;
    const values = image?.values ?? [];
    return new Renewal(renewable, () => renewGlobals(...values), image, isZero);
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

function takeContents(view: Uint8Array): Contents {
  // A memory is whole pages and mostly zeros, so four bytes are compared at a time.
  const words = new Int32Array(view.buffer);
  let from = 0;
  let to = words.length;
  while (from < to && words[from] === 0) from++;
  while (to > from && words[to - 1] === 0) to--;
  return { from: from * 4, bytes: view.slice(from * 4, to * 4) };
}

function restore({ view, contents: { from, bytes } }: Renewable, isZero: IsZero | undefined): void {
  zero(view, 0, from, isZero);
  view.set(bytes, from);
  zero(view, from + bytes.length, view.length, isZero);
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
