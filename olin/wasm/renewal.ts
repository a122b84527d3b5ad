/** The host's part of renewing an instance (woven-renewal.ts has the other): its memories as they were at first. */
import { LARGEST_PAGES } from './memory-pool.ts';
import { renewExport, type MeterPlan } from './plan.ts';

/** What a memory holds before the first instruction: the data segments, without the zeros around them. */
interface Image {
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** Of each memory of a module. */
const images = new WeakMap<MeterPlan, readonly Image[]>();

export class Renewal {
  readonly #views: readonly Uint8Array[];
  readonly #images: readonly Image[];
  readonly #renewGlobals: () => unknown;

  private constructor(
    views: readonly Uint8Array[],
    ownImages: readonly Image[],
    renewGlobals: () => unknown,
  ) {
    this.#views = views;
    this.#images = ownImages;
    this.#renewGlobals = renewGlobals;
  }

  /**
   * For an instance of which nothing has run yet, and its memories. Undefined where it is not to be renewed: something
   * else outlives its guests, or its memories take longer to write than new ones to map.
   */
  static of(
    plan: MeterPlan,
    { exports }: WebAssembly.Instance,
    memories: readonly WebAssembly.Memory[],
  ): Renewal | undefined {
    if (!plan.isRenewable || plan.initialPages > LARGEST_PAGES) return undefined;
    // A memory without pages could grow unseen.
    if (plan.memories.some(({ min }) => min === 0)) return undefined;
    const renewGlobals = exports[renewExport(plan)];
    if (typeof renewGlobals !== 'function') return undefined;
    const views = memories.map(({ buffer }) => new Uint8Array(buffer));
    let known = images.get(plan);
    if (known === undefined) {
      known = views.map(takeImage);
      images.set(plan, known);
    }
    return new Renewal(views, known, () => renewGlobals());
  }

  /** Leaves nothing of the last guest, which must have ended. False where a memory grew: it can never be small again. */
  renew(): boolean {
    // Growing detaches the old buffer, whose views then have no bytes.
    if (this.#views.some(({ length }) => length === 0)) return false;
    this.#views.forEach((view, index) => restoreImage(view, this.#images[index]));
    this.#renewGlobals();
    return true;
  }
}

function takeImage(view: Uint8Array): Image {
  // Most of a memory is zeros, and it is whole pages: four bytes are looked at together.
  const words = new Int32Array(view.buffer);
  let from = 0;
  let to = words.length;
  while (from < to && words[from] === 0) from++;
  while (to > from && words[to - 1] === 0) to--;
  return { from: from * 4, bytes: view.slice(from * 4, to * 4) };
}

function restoreImage(view: Uint8Array, image: Image | undefined): void {
  const { from, bytes } = image ?? { from: 0, bytes: NOTHING };
  view.fill(0, 0, from);
  view.set(bytes, from);
  view.fill(0, from + bytes.length);
}

const NOTHING = new Uint8Array(0);
