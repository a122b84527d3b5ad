/**
 * Limits the open connections of guests. Each uses a file descriptor of the process, which all handlers share. A run
 * may open 64; an owner with many runs must not exhaust the total.
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

  /**
   * Counts a connection and returns a function to call once, when it closes. Throws an {@link EgressError} if a limit
   * is reached.
   */
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
