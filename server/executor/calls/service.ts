/**
 * Asynchronous calls of one process: accepts, runs and cancels them, reports their end, and requeues those that the
 * queue lost.
 */
import type { FastifyInstance } from 'fastify';
import { Gauge } from 'prom-client';
import type { KeyRing } from '../../auth/keys.ts';
import { CALLS_CHANNEL, countAllOpenCalls, listForgotten } from '../../db/runs/calls.ts';
import type { Fetch } from '../egress/fetch.ts';
import type { OwnerCheck } from '../../auth/owner-check.ts';
import { acceptCalls, type AcceptCall, type AcceptOptions } from './accept/accept.ts';
import { Attempts, type AttemptOptions } from './attempt.ts';
import { sendCallback } from './callback.ts';
import { addCallPages } from './pages.ts';
import { CallQueue } from './queue/queue.ts';

export interface CallServiceOptions
  extends Omit<AttemptOptions, 'sendCallback'>, Omit<AcceptOptions, 'send' | 'db' | 'quotas'> {
  readonly databaseUrl: string | undefined;
  readonly queueSchema?: string;
  /** Whether another process looks after the queue's tables; default false. */
  readonly isQueueKept?: boolean;
  readonly docsOrigin: string;
  readonly webOrigin: string;
  readonly keys: KeyRing;
  readonly owners: OwnerCheck;
  readonly fetch: Fetch;
}

/** Concurrent calls of one process. */
const CONCURRENCY = 8;
const OWNER_CONCURRENCY = 4;
const SWEEP_MS = 10_000;
const COUNT_MS = 500;

export class CallService {
  readonly accept: AcceptCall;
  readonly #options: CallServiceOptions;
  readonly #attempts: Attempts;
  readonly #queue: CallQueue;
  #unlisten: (() => Promise<void>) | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #open = 0;

  constructor(options: CallServiceOptions) {
    this.#options = options;
    const { databaseUrl, queueSchema, isQueueKept = false, ...rest } = options;
    this.#attempts = new Attempts({
      ...rest,
      sendCallback: (call) => this.#queue.sendCallback(call),
    });
    this.#queue = new CallQueue({
      db: options.db,
      log: options.log,
      databaseUrl,
      isKept: isQueueKept,
      concurrency: CONCURRENCY,
      ownerConcurrency: OWNER_CONCURRENCY,
      attempt: (...args) => this.#attempts.run(...args),
      giveUp: (callId) => this.#attempts.giveUp(callId),
      callBack: (callId) => sendCallback(options, callId),
      ...(queueSchema === undefined ? {} : { schema: queueSchema }),
    });
    const gauge: Gauge = new Gauge({
      name: 'trisiel_calls_open',
      help: 'Asynchronous calls that wait or run, of all executors.',
      registers: [options.metrics.registry],
      // Every process counts the same calls.
      aggregator: 'max',
      collect: async () => gauge.set(await this.#countOpen()),
    });
    this.accept = acceptCalls({ ...rest, send: (call) => this.#queue.send(call) });
  }

  addPages(app: FastifyInstance): void {
    addCallPages(app, { ...this.#options, cancel: (callId) => this.#queue.cancel(callId) });
  }

  async open(): Promise<void> {
    const { db, log } = this.#options;
    await this.#queue.open();
    this.#unlisten = await db.listen(CALLS_CHANNEL, (callId) => {
      if (callId === '') this.#queue.wake();
      else this.#attempts.cancel(callId);
    });
    this.#sweep = setInterval(() => {
      this.#requeueForgotten().catch((error: unknown) =>
        log.warn({ err: error }, 'a sweep failed'),
      );
    }, SWEEP_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#unlisten?.();
    await this.#queue.close();
  }

  /** Returns the last figure if the database does not answer in time, so that other metrics are not delayed. */
  #countOpen(): Promise<number> {
    const known = new Promise<number>((resolve) => {
      setTimeout(() => resolve(this.#open), COUNT_MS).unref();
    });
    const counted = countAllOpenCalls(this.#options.db).then(
      (open) => (this.#open = open),
      () => this.#open,
    );
    return Promise.race([counted, known]);
  }

  async #requeueForgotten(): Promise<void> {
    for (const call of await listForgotten(this.#options.db)) {
      if (call.isOver) await this.#queue.sendCallback(call);
      else await this.#queue.send(call);
    }
  }
}
