/** The host's part of renewing an instance (woven-renewal.ts has the other): its memories as they were at first. */
import { LARGEST_PAGES } from './memory-pool.ts';
import { renewExport, type MeterPlan } from '../plan.ts';

/** What a memory holds before the first instruction: the data segments, without the zeros around them. */
interface Image {
  readonly from: number;
  readonly bytes: Uint8Array;
}

interface Renewable {
  /** All of a memory; it has no bytes once the memory has grown. */
  readonly view: Uint8Array;
  readonly image: Image;
}

/** Of each memory of a module. */
const images = new WeakMap<MeterPlan, readonly Image[]>();

export class Renewal {
  readonly #memories: readonly Renewable[];
  readonly #renewGlobals: () => unknown;

  private constructor(memories: readonly Renewable[], renewGlobals: () => unknown) {
    this.#memories = memories;
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
    const known = images.get(plan);
    const renewable = memories.map(({ buffer }, index) => {
      const view = new Uint8Array(buffer);
      return { view, image: known?.[index] ?? takeImage(view) };
    });
    if (known === undefined) {
      images.set(
        plan,
        renewable.map(({ image }) => image),
      );
    }
    return new Renewal(renewable, () => renewGlobals());
  }

  /** Leaves nothing of the last guest, which must have ended. False where a memory grew: it can never be small again. */
  renew(): boolean {
    // Growing detaches the old buffer, whose views then have no bytes.
    if (this.#memories.some(({ view }) => view.length === 0)) return false;
    for (const each of this.#memories) restore(each);
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

function restore({ view, image: { from, bytes } }: Renewable): void {
  view.fill(0, 0, from);
  view.set(bytes, from);
  view.fill(0, from + bytes.length);
}
