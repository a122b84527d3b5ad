/** Waits on behalf of a guest, for a promise or a time, until the guest must end. */
import type { GuestEnd } from './report/ending.ts';
import type { Platform } from '../types.ts';

/** The longest timer; a longer one would fire at once. */
const MAX_TIMER_MS = 0x7fff_ffff;

export class Waiting {
  readonly #platform: Platform;
  #cancelSleep: (() => void) | undefined;
  #stopWatch: (() => void) | undefined;
  /** Rejects the pending wait. */
  #interrupt: ((end: GuestEnd) => void) | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  sleep(ms: number): Promise<void> {
    if (ms === 0) return this.#platform.turn();
    return new Promise((resolve) => {
      this.#cancelSleep = this.#platform.timer(Math.min(ms, MAX_TIMER_MS), resolve);
    });
  }

  /** Settles like the promise, or rejects with the `GuestEnd` that interrupts it. */
  for<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      // Cleared before the guest continues, because it may wait again at once.
      promise.then(
        (value) => {
          this.#interrupt = undefined;
          resolve(value);
        },
        (error: unknown) => {
          this.#interrupt = undefined;
          reject(error);
        },
      );
    });
  }

  interrupt(end: GuestEnd): void {
    this.#interrupt?.(end);
  }

  /** Calls `late` once after the time. Later calls of `watch` have no effect. */
  watch(restMs: () => number, late: () => void): void {
    this.#stopWatch ??= this.#platform.timer(
      Math.min(Math.max(0, Math.ceil(restMs())), MAX_TIMER_MS),
      late,
    );
  }

  /** Cancels timers. */
  end(): void {
    this.#stopWatch?.();
    this.#cancelSleep?.();
  }
}
