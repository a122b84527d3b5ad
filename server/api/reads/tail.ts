/**
 * The live tail of executions. Writers notify that a user's runs changed; each tail then reads on from its own
 * position. A slow reader costs only its position in memory, and a reader that reconnects continues where it was.
 */
import type { Logger } from 'pino';
import type { Database } from '../../db/connection/database.ts';
import { PerKeyLimit } from '../../per-key-limit.ts';
import { EXECUTIONS_CHANNEL } from '../../db/runs/executions.ts';

/** Poll interval without notifications, so that a lost one delays a tail but does not stop it. */
const POLL_MS = 2000;

/** Concurrent tails per user. */
export const TAILS_PER_USER = 8;

export class Tails {
  readonly #db: Database;
  readonly #log: Logger;
  readonly #wakers = new Map<string, Set<() => void>>();
  readonly #open = new PerKeyLimit();
  #listening: Promise<() => Promise<void>> | undefined;

  constructor(db: Database, log: Logger) {
    this.#db = db;
    this.#log = log;
  }

  get count(): number {
    return this.#open.total;
  }

  /** Reserves a tail for the user. Returns a function that releases it; undefined if the limit is reached. */
  enter(userId: string): (() => void) | undefined {
    const end = this.#open.enter(userId, TAILS_PER_USER);
    return typeof end === 'function' ? end : undefined;
  }

  /**
   * Calls `step` at once, then whenever there may be something new, one call at a time, until the signal is aborted or
   * `step` throws. Settles then.
   */
  async follow(userId: string, signal: AbortSignal, step: () => Promise<void>): Promise<void> {
    let wake: (() => void) | undefined;
    let isStale = true;
    const onNotice = (): void => {
      isStale = true;
      wake?.();
    };
    const wakers = this.#wakers.get(userId) ?? new Set();
    this.#wakers.set(userId, wakers);
    wakers.add(onNotice);
    signal.addEventListener('abort', onNotice);
    // While LISTEN fails, polling finds new rows; each poll retries it.
    const listen = (): Promise<unknown> => this.#listen().catch(() => undefined);
    try {
      await listen();
      while (!signal.aborted) {
        isStale = false;
        void listen();
        await step();
        if (isStale || signal.aborted) continue;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, POLL_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      signal.removeEventListener('abort', onNotice);
      wakers.delete(onNotice);
      if (wakers.size === 0) this.#wakers.delete(userId);
    }
  }

  async close(): Promise<void> {
    const stop = await this.#listening?.catch(() => undefined);
    await stop?.();
  }

  #listen(): Promise<unknown> {
    this.#listening ??= this.#db
      .listen(EXECUTIONS_CHANNEL, (userId) => {
        const woken = userId === '' ? [...this.#wakers.values()] : [this.#wakers.get(userId) ?? []];
        for (const wakers of woken) for (const wake of wakers) wake();
      })
      .catch((error: unknown) => {
        this.#listening = undefined;
        this.#log.warn({ err: error }, 'listening for executions failed');
        throw error;
      });
    return this.#listening;
  }
}
