/**
 * Writes records to the database. A record that the database refuses blocks no others: it is written without its texts
 * if possible, set aside (`set-aside.ts`) and logged.
 */
import type { Logger } from 'pino';
import type { Database } from '../../db/connection/database.ts';
import { writeExecutions, type NewExecution } from '../../db/runs/executions.ts';
import { withoutTexts } from '../runs/cut-record.ts';
import { writeLine } from './line.ts';
import { isOrphan, isRefusal } from './refusal.ts';
import { SetAside } from './set-aside.ts';

export interface RecordWriterOptions {
  /** Folder of this machine's journals. */
  readonly folder: string;
  readonly db: Database;
  readonly log: Logger;
  /** Called with the runs that were written. */
  readonly onShipped?: (runs: readonly NewExecution[]) => void;
  /** Called for each line set aside. */
  readonly onSetAside?: () => void;
}

export class RecordWriter {
  readonly #options: RecordWriterOptions;
  readonly #aside: SetAside;

  constructor(options: RecordWriterOptions) {
    this.#options = options;
    this.#aside = new SetAside(options.folder);
  }

  /** Rejects only if the database is unavailable. Finds refused runs by bisection. */
  async write(runs: readonly NewExecution[]): Promise<void> {
    if (runs.length === 0) return;
    const { db, onShipped } = this.#options;
    try {
      await db.transaction((tx) => writeExecutions(tx, runs));
      onShipped?.(runs);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const [only] = runs;
      if (runs.length > 1) {
        const half = runs.length >> 1;
        await this.write(runs.slice(0, half));
        await this.write(runs.slice(half));
      } else if (only !== undefined) {
        await this.#writeRefused(only, error);
      }
    }
  }

  async setAside(line: Buffer, error: unknown, executionId?: string): Promise<void> {
    const { log, onSetAside } = this.#options;
    log.error({ err: error, executionId }, 'a line of the journal was set aside');
    onSetAside?.();
    await this.#aside.add(line);
  }

  /** The run has happened and is billed, so it is recorded without the texts that the database refuses. */
  async #writeRefused(run: NewExecution, refusal: unknown): Promise<void> {
    const { db, onShipped } = this.#options;
    if (!isOrphan(refusal)) {
      try {
        const bare = withoutTexts(run);
        await db.transaction((tx) => writeExecutions(tx, [bare]));
        onShipped?.([bare]);
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
    }
    await this.setAside(Buffer.from(writeLine(run)), refusal, run.id);
  }
}
