/** Counts harmless runs on probation, and writes the counts to the database in batches. */
import type { Logger } from 'pino';
import type { Database } from '../../db/connection/database.ts';
import type { NewExecution } from '../../db/runs/executions.ts';
import { addGoodRuns } from '../../db/handlers/standing.ts';
import type { LoadedHandler } from '../handlers/handler.ts';

const WRITE_MS = 500;

export interface GoodRunsOptions {
  readonly db: Database;
  readonly log: Logger;
  /** Runs after which a module is trusted. */
  readonly needed: number;
}

export class GoodRuns {
  readonly #options: GoodRunsOptions;
  /** Unwritten counts by owner and digest. */
  #counts = new Map<string, { ownerId: string; digest: string; runs: number }>();
  #writing: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(options: GoodRunsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#write(), WRITE_MS).unref();
  }

  /** Stopped and cancelled runs are not counted: they prove nothing. */
  readonly onRun = ({ ownerId, module: { digest } }: LoadedHandler, run: NewExecution): void => {
    if (run.status !== 'succeeded' && run.status !== 'failed') return;
    const key = `${ownerId} ${digest}`;
    const count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, { ownerId, digest, runs: 1 });
    else count.runs += 1;
  };

  /** Writes the remaining counts. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write();
  }

  /** Writes one batch at a time. Counts that could not be written are added to the next batch. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (this.#counts.size === 0) return;
      const { db, log, needed } = this.#options;
      const counts = this.#counts;
      this.#counts = new Map();
      try {
        await db.transaction(async (tx) => {
          for (const count of counts.values()) await addGoodRuns(tx, count, count.runs, needed);
        });
      } catch (error) {
        log.warn({ err: error }, 'good runs could not be written yet');
        for (const [key, count] of counts) {
          count.runs += this.#counts.get(key)?.runs ?? 0;
          this.#counts.set(key, count);
        }
      }
    });
    return this.#writing;
  }
}
