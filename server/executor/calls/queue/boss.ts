/** pg-boss as all processes of the server open it, and the queues that it has. */
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Database } from '../../../db/connection/database.ts';
import { LONGEST_RUN_MS } from '../../../tiers.ts';

export interface BossOptions {
  readonly db: Database;
  /** PostgreSQL connection URL; pg-boss creates its own tables. */
  readonly databaseUrl: string | undefined;
  /** Schema of its tables; default {@link QUEUE_SCHEMA}. */
  readonly schema?: string;
  readonly log: Logger;
  /**
   * Whether another process creates the tables and looks after them (`queue-keeper.ts`); default false. This one then
   * reads and writes rows only.
   */
  readonly isKept?: boolean;
}

export const QUEUE_SCHEMA = 'pgboss';

export const CALLS = 'calls';
export const LOST_CALLS = 'lost-calls';
export const CALLBACKS = 'callbacks';

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
export const HEARTBEAT_SECONDS = 10;
/** The longest deadline of any tier, plus time for the database and for writing the outcome. */
const LEASE_SECONDS = LONGEST_RUN_MS / 1000 + 240;
const WATCH_SECONDS = 5;
/** Without a database every poll fails; errors are logged at most this often. */
const LOG_INTERVAL_MS = 10_000;

export function createBoss(options: BossOptions): PgBoss {
  const { db, databaseUrl, log, schema = QUEUE_SCHEMA, isKept = false } = options;
  const boss = new PgBoss({
    schema,
    schedule: false,
    supervise: !isKept,
    registerInstance: !isKept,
    migrate: !isKept,
    superviseIntervalSeconds: WATCH_SECONDS,
    monitorIntervalSeconds: WATCH_SECONDS,
    ...(databaseUrl === undefined || db.kind === 'pglite'
      ? { db: adapt(db), backend: 'pglite' as const }
      : { connectionString: databaseUrl, max: 4 }),
  });
  // Without a listener an error would end the process.
  let loggedAt = -Infinity;
  boss.on('error', (error) => {
    const now = performance.now();
    if (now - loggedAt < LOG_INTERVAL_MS) return;
    loggedAt = now;
    log.warn({ err: error }, 'the queue failed');
  });
  return boss;
}

/** Creates the queues, or updates their settings. */
export async function ensureQueues(boss: PgBoss): Promise<void> {
  const lease = {
    expireInSeconds: LEASE_SECONDS,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    retryBackoff: true,
  };
  const later = { ...lease, retryLimit: CALLBACK_RETRIES, retryDelay: 5 };
  await ensureQueue(boss, LOST_CALLS, later);
  await ensureQueue(boss, CALLS, {
    ...lease,
    retryLimit: TRIES,
    retryDelay: FIRST_RETRY_SECONDS,
    retryDelayMax: MAX_RETRY_SECONDS,
    deadLetter: LOST_CALLS,
  });
  await ensureQueue(boss, CALLBACKS, later);
}

async function ensureQueue(
  boss: PgBoss,
  name: string,
  settings: Parameters<PgBoss['createQueue']>[1],
): Promise<void> {
  if ((await boss.getQueue(name)) === null) await boss.createQueue(name, settings);
  else await boss.updateQueue(name, settings);
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
