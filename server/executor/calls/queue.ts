/** The queues of asynchronous calls and their callbacks: pg-boss, in the database that all executors share. */
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Database } from '../../db/connection/database.ts';
import { LONGEST_RUN_MS } from '../../tiers.ts';

export interface QueueOptions {
  readonly db: Database;
  /** PostgreSQL connection URL; pg-boss creates its own tables. */
  readonly databaseUrl: string | undefined;
  /** Schema of its tables; default `pgboss`. */
  readonly schema?: string;
  readonly log: Logger;
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

const CALLS = 'calls';
const LOST_CALLS = 'lost-calls';
const CALLBACKS = 'callbacks';

/** Attempts after the first. */
export const RETRIES = 3;
const FIRST_RETRY_SECONDS = 2;
const MAX_RETRY_SECONDS = 60;
/**
 * Deliveries in all, including those in which no attempt could be made (no capacity, database or store unreachable):
 * about an hour.
 */
const TRIES = 60;
const CALLBACK_RETRIES = 6;
/** A process without a heartbeat for this long loses its jobs. */
const HEARTBEAT_SECONDS = 10;
/** The longest deadline of any tier, plus time for the database and for writing the outcome. */
const LEASE_SECONDS = LONGEST_RUN_MS / 1000 + 240;
/** Poll intervals per worker: a caller waits for calls, nobody waits for callbacks and lost calls. */
const POLL_SECONDS = 0.5;
const CALLBACK_POLL_SECONDS = 2;
const LOST_POLL_SECONDS = 5;
/** Without a database every poll fails; errors are logged at most this often. */
const LOG_INTERVAL_MS = 10_000;
const WATCH_SECONDS = 5;
/** Calls still running after this are given to another executor. */
const STOP_MS = LONGEST_RUN_MS;

export class CallQueue {
  readonly #options: QueueOptions;
  readonly #boss: PgBoss;

  constructor(options: QueueOptions) {
    this.#options = options;
    const { db, databaseUrl, schema = 'pgboss' } = options;
    this.#boss = new PgBoss({
      schema,
      schedule: false,
      superviseIntervalSeconds: WATCH_SECONDS,
      monitorIntervalSeconds: WATCH_SECONDS,
      ...(databaseUrl === undefined || db.kind === 'pglite'
        ? { db: adapt(db), backend: 'pglite' as const }
        : { connectionString: databaseUrl, max: 4 }),
    });
    // Without a listener an error would end the process.
    let loggedAt = -Infinity;
    this.#boss.on('error', (error) => {
      const now = performance.now();
      if (now - loggedAt < LOG_INTERVAL_MS) return;
      loggedAt = now;
      options.log.warn({ err: error }, 'the queue failed');
    });
  }

  async open(): Promise<void> {
    const { concurrency, ownerConcurrency, attempt, giveUp, callBack } = this.#options;
    await this.#boss.start();
    const lease = { expireInSeconds: LEASE_SECONDS, heartbeatSeconds: HEARTBEAT_SECONDS };
    await this.#ensureQueue(LOST_CALLS, { ...lease, retryLimit: CALLBACK_RETRIES, retryDelay: 5 });
    await this.#ensureQueue(CALLS, {
      ...lease,
      retryLimit: TRIES,
      retryDelay: FIRST_RETRY_SECONDS,
      retryDelayMax: MAX_RETRY_SECONDS,
      deadLetter: LOST_CALLS,
    });
    await this.#ensureQueue(CALLBACKS, { ...lease, retryLimit: CALLBACK_RETRIES, retryDelay: 5 });
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

  async #ensureQueue(name: string, settings: Parameters<PgBoss['createQueue']>[1]): Promise<void> {
    const wanted = { ...settings, retryBackoff: true };
    if ((await this.#boss.getQueue(name)) === null) await this.#boss.createQueue(name, wanted);
    else await this.#boss.updateQueue(name, wanted);
  }
}

/** PGlite has one connection, which the queue shares with the rest of the server. */
function adapt(db: Database) {
  return {
    async executeSql(text: string, values?: unknown[]) {
      const rows =
        values === undefined || values.length === 0
          ? await db.execute(text)
          : await db.query(text, values);
      return { rows: [...rows] };
    },
  };
}
