/** Gathers a run's events, so that a guest that writes byte by byte sends messages by the frame, not by the byte. */
import type { RunEvent } from './worker-api.ts';

/** About one frame: what comes within it is sent together. The first event after a pause goes at once. */
const FRAME_MS = 16;

export class EventStream {
  readonly #post: (events: readonly RunEvent[]) => void;
  #waiting: RunEvent[] = [];
  #sentAtMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(post: (events: readonly RunEvent[]) => void) {
    this.#post = post;
  }

  add(event: RunEvent): void {
    this.#waiting.push(event);
    // A guest that never gives the event loop a turn keeps the timer from firing: look at the clock as well.
    const waitMs = this.#sentAtMs + FRAME_MS - performance.now();
    if (waitMs <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), waitMs);
  }

  /** Sends what is left. */
  close(): void {
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sentAtMs = performance.now();
    if (this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    this.#post(events);
  }
}
