/** The queues of asynchronous calls and their callbacks: pg-boss, in the database that all executors share. */
import type { PgBoss } from 'pg-boss';
import { notifyOfCalls } from '../../../db/runs/calls.ts';
import { LONGEST_RUN_MS } from '../../../tiers.ts';
import { Batches } from '../batches.ts';
import {
  CALLBACKS,
  CALLS,
  createBoss,
  ensureQueues,
  LOST_CALLS,
  type BossOptions,
} from './boss.ts';
import { Consumer, type RunJob } from './consumer.ts';
import { jobsOf } from './jobs.ts';

export interface QueueOptions extends BossOptions {
  /**
   * Concurrent calls in this process, in total and per owner, so that one owner's slow calls do not delay all others.
   */
  readonly concurrency: number;
  readonly ownerConcurrency: number;
  /** Runs one attempt. */
  readonly attempt: RunJob;
  /** Ends a call whose retries are exhausted. */
  readonly giveUp: (callId: string) => Promise<void>;
  readonly callBack: (callId: string) => Promise<void>;
}

/** The data that the queue needs of a call. */
export interface QueuedCall {
  readonly id: string;
  readonly ownerId: string;
}

/** Poll intervals. New calls and callbacks are announced by a notice; polls find retries, and what a notice missed. */
const POLL_MS = 500;
const CALLBACK_POLL_MS = 2000;
const LOST_POLL_MS = 5000;
/** Calls still running after this are given to another executor. */
const STOP_MS = LONGEST_RUN_MS;

export class CallQueue {
  readonly #options: QueueOptions;
  readonly #boss: PgBoss;
  readonly #consumers: readonly Consumer[];
  readonly #sendCalls: Batches<QueuedCall, undefined>;
  readonly #sendCallbacks: Batches<QueuedCall, undefined>;

  constructor(options: QueueOptions) {
    this.#options = options;
    const boss = createBoss(options);
    this.#boss = boss;
    const { concurrency, ownerConcurrency, attempt, giveUp, callBack } = options;
    const onError = (error: unknown): void => void boss.emit('error', asError(error));
    const common = { concurrency, ownerConcurrency, onError };
    this.#consumers = [
      new Consumer({ ...common, jobs: jobsOf(boss, CALLS), pollMs: POLL_MS, run: attempt }),
      new Consumer({
        ...common,
        jobs: jobsOf(boss, CALLBACKS),
        pollMs: CALLBACK_POLL_MS,
        run: callBack,
      }),
      new Consumer({
        ...common,
        jobs: jobsOf(boss, LOST_CALLS),
        pollMs: LOST_POLL_MS,
        run: giveUp,
      }),
    ];
    this.#sendCalls = this.#batchesFor(CALLS);
    this.#sendCallbacks = this.#batchesFor(CALLBACKS);
  }

  async open(): Promise<void> {
    await this.#boss.start();
    if (this.#options.isKept !== true) await ensureQueues(this.#boss);
    for (const consumer of this.#consumers) consumer.start();
  }

  /** Queues a call; does nothing if it is queued already. */
  async send(call: QueuedCall): Promise<void> {
    await this.#sendCalls.add(call);
  }

  async sendCallback(call: QueuedCall): Promise<void> {
    await this.#sendCallbacks.add(call);
  }

  /** Looks for calls now: one was queued, or a notice may have been missed. */
  wake(): void {
    for (const consumer of this.#consumers) consumer.wake();
  }

  async cancel(callId: string): Promise<void> {
    await this.#boss.cancel(CALLS, callId);
  }

  /** Waits for running calls. */
  async close(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.close(STOP_MS)));
    await Promise.all([this.#sendCalls.idle(), this.#sendCallbacks.idle()]);
    await this.#boss.stop({ graceful: true, timeout: STOP_MS });
  }

  #batchesFor(queue: string): Batches<QueuedCall, undefined> {
    return new Batches(async (calls) => {
      // A batch with the same id twice is refused.
      const distinct = new Map(calls.map((call) => [call.id, call]));
      const jobs = Array.from(distinct.values(), ({ id, ownerId }) => ({
        id,
        data: { id },
        group: { id: ownerId },
      }));
      await this.#boss.insert(queue, jobs);
      this.wake();
      // Other processes poll if this fails.
      await notifyOfCalls(this.#options.db).catch(() => undefined);
      return calls.map(() => undefined);
    });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
