/** Shares the embedded database with processes that run guests, once it has what they need. */
import type { Logger } from 'pino';
import type { EmbeddedDatabase } from '../db/embedded/embedded.ts';
import { QueueKeeper } from '../executor/calls/queue/queue-keeper.ts';
import type { Service } from './service.ts';

export interface SharingOptions {
  readonly db: EmbeddedDatabase;
  readonly path: string;
  readonly log: Logger;
}

const RETRY_MS = 2000;

/** `open` retries until it succeeds or the sharing is closed. */
export function shareWhenReady({ db, path, log }: SharingOptions): Service {
  const keeper = new QueueKeeper(db, log);
  let isEnding = false;
  return {
    async open() {
      while (!isEnding) {
        try {
          await keeper.open();
          // Fails if another server has the database of the same folder open, so its socket is not replaced.
          await db.share(path);
          return;
        } catch (error) {
          log.error({ err: error }, 'sharing the database failed; retrying');
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    },
    async close() {
      isEnding = true;
      await keeper.close();
    },
  };
}
