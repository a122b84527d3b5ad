/** A guest that waits: for a promise, or for time to pass. Its end comes first. */
import type { GuestEnd } from './report/ending.ts';
import type { Platform } from '../types.ts';

/** The longest time that a timer takes; a longer one would fire at once. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

export class Waiting {
  readonly #platform: Platform;
  #cancelSleep: (() => void) | undefined;
  #stopWatch: (() => void) | undefined;
  /** Fails the call in which the guest waits. */
  #interrupt: ((end: GuestEnd) => void) | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  sleep(ms: number): Promise<void> {
    if (ms === 0) return this.#platform.turn();
    return new Promise((resolve) => {
      this.#cancelSleep = this.#platform.timer(Math.min(ms, LONGEST_TIMER_MS), resolve);
    });
  }

  /** Settles as the promise does, or rejects with the end that interrupts it. */
  for<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      // Cleared before the guest goes on, which may wait again at once.
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

  /** Calls `late` after the time, once; a second call of this does nothing. */
  watch(restMs: () => number, late: () => void): void {
    this.#stopWatch ??= this.#platform.timer(
      Math.min(Math.max(0, Math.ceil(restMs())), LONGEST_TIMER_MS),
      late,
    );
  }

  /** Calls off what is under way. */
  end(): void {
    this.#stopWatch?.();
    this.#cancelSleep?.();
  }
}
