/** Requests that a run stops. Does what an AbortController does, at a small part of its cost. */
import type { Stopper, StopSignal } from '../types.ts';

export class Stop implements Stopper, StopSignal {
  #listeners: (() => void)[] = [];
  aborted = false;
  /** The argument of {@link abort}. */
  reason: unknown;

  get signal(): StopSignal {
    return this;
  }

  /** Later calls have no effect. */
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
