/** Shares the embedded database with executor processes, after the tables of the queue have been created. */
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

/** The `open` method retries until it succeeds or `close` is called. */
export function shareWhenReady({ db, path, log }: SharingOptions): Service {
  const keeper = new QueueKeeper(db, log);
  let isEnding = false;
  return {
    async open() {
      while (!isEnding) {
        try {
          // First, because it fails while another server has the folder open: the socket of that server is not replaced.
          await keeper.open();
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
