/**
 * Creates the queue's tables in the embedded database and looks after them, in the process that owns it: executors may only
 * read and write rows there.
 */
import type { Logger } from 'pino';
import type { Database } from '../../../db/connection/database.ts';
import { grantQueue } from '../../../db/connection/roles.ts';
import { createBoss, ensureQueues, QUEUE_SCHEMA } from './boss.ts';

const STOP_MS = 5000;

export class QueueKeeper {
  readonly #db: Database;
  readonly #boss: ReturnType<typeof createBoss>;

  constructor(db: Database, log: Logger) {
    this.#db = db;
    this.#boss = createBoss({ db, log, databaseUrl: undefined });
  }

  /** May be called again if it failed. */
  async open(): Promise<void> {
    await this.#boss.start();
    await ensureQueues(this.#boss);
    await grantQueue(this.#db, QUEUE_SCHEMA);
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: STOP_MS });
  }
}
