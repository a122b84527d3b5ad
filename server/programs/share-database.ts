/** Shares the embedded database with other processes once it is open. */
import type { Logger } from 'pino';
import type { Database } from '../db/connection/database.ts';
import { shareDatabase, type SharedDatabase } from '../db/socket/server.ts';
import type { Service } from './service.ts';

export interface SharingOptions {
  /** Opened by its first statement. */
  readonly db: Database;
  readonly path: string;
  readonly log: Logger;
}

const RETRY_MS = 2000;

/** `open` retries until it succeeds or the sharing is closed. */
export function shareWhenOpen({ db, path, log }: SharingOptions): Service {
  let isEnding = false;
  let shared: SharedDatabase | undefined;
  return {
    async open() {
      while (!isEnding) {
        try {
          // Fails if another server has the database of the same folder open, so its socket is not replaced.
          await db.query('select 1');
          shared = await shareDatabase(db, path);
          return;
        } catch (error) {
          log.error({ err: error }, 'opening the database failed; retrying');
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    },
    async close() {
      isEnding = true;
      await shared?.close();
    },
  };
}
