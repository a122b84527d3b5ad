/**
 * Limits the open connections of guests. Each uses a file descriptor of the process, which all handlers share. A run
 * may open 64; an owner with many runs must not exhaust the total.
 */
import { PerKeyLimit } from '../../per-key-limit.ts';
import { EgressError } from './fetch.ts';

const MAX_OF_OWNER = 256;
const MAX_OF_PROCESS = 4096;

export class Connections {
  readonly #byOwner = new PerKeyLimit();
  readonly #maxOfOwner: number;

  constructor(maxOfOwner = MAX_OF_OWNER) {
    this.#maxOfOwner = maxOfOwner;
  }

  get open(): number {
    return this.#byOwner.total;
  }

  /**
   * Counts a connection and returns a function to call when it closes. Throws an {@link EgressError} if a limit
   * is reached.
   */
  take(ownerId: string): () => void {
    const close = this.#byOwner.enter(ownerId, this.#maxOfOwner, MAX_OF_PROCESS);
    if (close === 'key-limit') {
      throw new EgressError(
        `the owner's handlers have ${this.#maxOfOwner} connections open, which is the maximum; close those that were read`,
      );
    }
    if (close === 'total-limit') {
      throw new EgressError(
        'the executor has reached its maximum of open connections; try again in a moment',
      );
    }
    return close;
  }
}
