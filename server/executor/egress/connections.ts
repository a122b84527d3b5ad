/**
 * How many connections guests may have open at one time: descriptors of the process, which all handlers share. Each run
 * may open 64; an owner with many runs under way must not take what others need.
 */
import { EgressError } from './fetch.ts';

const MAX_OF_OWNER = 256;
const MAX_OF_PROCESS = 4096;

export class Connections {
  readonly #byOwner = new Map<string, number>();
  readonly #maxOfOwner: number;
  #open = 0;

  constructor(maxOfOwner = MAX_OF_OWNER) {
    this.#maxOfOwner = maxOfOwner;
  }

  get open(): number {
    return this.#open;
  }

  /** Counts one. Throws an {@link EgressError}. Returns what is to be called, once, when it is closed. */
  take(ownerId: string): () => void {
    const own = this.#byOwner.get(ownerId) ?? 0;
    if (own >= this.#maxOfOwner) {
      throw new EgressError(
        `the owner's functions have ${own} connections open, and may have no more; close what was read`,
      );
    }
    if (this.#open >= MAX_OF_PROCESS) {
      throw new EgressError('the executor has no more connections to give; try again in a moment');
    }
    this.#open += 1;
    this.#byOwner.set(ownerId, own + 1);
    return () => {
      this.#open -= 1;
      const left = (this.#byOwner.get(ownerId) ?? 1) - 1;
      if (left === 0) this.#byOwner.delete(ownerId);
      else this.#byOwner.set(ownerId, left);
    };
  }
}
