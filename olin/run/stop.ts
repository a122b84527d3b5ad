/** Says that a run is to stop: what an AbortController does, for a small part of its cost. */
import type { Stopper, StopSignal } from '../types.ts';

export class Stop implements Stopper, StopSignal {
  #listeners: (() => void)[] = [];
  aborted = false;
  /** What was given to {@link abort}. */
  reason: unknown;

  get signal(): StopSignal {
    return this;
  }

  /** Does nothing the second time. */
  abort(reason?: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }
}
