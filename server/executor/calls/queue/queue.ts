/** The queues of asynchronous calls and their callbacks: pg-boss, in the database that all executors share. */
import type { PgBoss } from 'pg-boss';
import { LONGEST_RUN_MS } from '../../../tiers.ts';
import {
  CALLBACKS,
  CALLS,
  createBoss,
  ensureQueues,
  LOST_CALLS,
  type BossOptions,
} from './boss.ts';

export interface QueueOptions extends BossOptions {
  /**
   * Concurrent calls in this process, in total and per owner, so that one owner's slow calls do not delay all others.
   */
  readonly concurrency: number;
  readonly ownerConcurrency: number;
  /**
   * Runs one attempt; throws if the queue must retry. `lease` is aborted when the queue has given the call to another
   * process because this one missed its heartbeats.
   */
  readonly attempt: (callId: string, tries: number, lease: AbortSignal) => Promise<void>;
  /** Ends a call whose retries are exhausted. */
  readonly giveUp: (callId: string) => Promise<void>;
  readonly callBack: (callId: string) => Promise<void>;
}

/** The data that the queue needs of a call. */
export interface QueuedCall {
  readonly id: string;
  readonly ownerId: string;
}

/** Poll intervals per worker: a caller waits for calls, nobody waits for callbacks and lost calls. */
const POLL_SECONDS = 0.5;
const CALLBACK_POLL_SECONDS = 2;
const LOST_POLL_SECONDS = 5;
/** Calls still running after this are given to another executor. */
const STOP_MS = LONGEST_RUN_MS;

export class CallQueue {
  readonly #options: QueueOptions;
  readonly #boss: PgBoss;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#boss = createBoss(options);
  }

  async open(): Promise<void> {
    const { concurrency, ownerConcurrency, attempt, giveUp, callBack } = this.#options;
    await this.#boss.start();
    if (this.#options.isKept !== true) await ensureQueues(this.#boss);
    const options = {
      pollingIntervalSeconds: POLL_SECONDS,
      localConcurrency: concurrency,
      localGroupConcurrency: ownerConcurrency,
    };
    await this.#boss.work<{ id: string }>(CALLS, options, async ([job]) => {
      if (job !== undefined) await attempt(job.data.id, job.retryCount, job.signal);
    });
    const lost = { pollingIntervalSeconds: LOST_POLL_SECONDS };
    await this.#boss.work<{ id: string }>(LOST_CALLS, lost, async ([job]) => {
      if (job !== undefined) await giveUp(job.data.id);
    });
    const callbacks = { ...options, pollingIntervalSeconds: CALLBACK_POLL_SECONDS };
    await this.#boss.work<{ id: string }>(CALLBACKS, callbacks, async ([job]) => {
      if (job !== undefined) await callBack(job.data.id);
    });
  }

  /** Queues a call; does nothing if it is queued already. */
  async send({ id, ownerId }: QueuedCall): Promise<void> {
    await this.#boss.send(CALLS, { id }, { id, group: { id: ownerId } });
  }

  async sendCallback({ id, ownerId }: QueuedCall): Promise<void> {
    await this.#boss.send(CALLBACKS, { id }, { id, group: { id: ownerId } });
  }

  async cancel(callId: string): Promise<void> {
    await this.#boss.cancel(CALLS, callId);
  }

  /** Waits for running calls. */
  async close(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: STOP_MS });
  }
}
