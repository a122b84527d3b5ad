/**
 * Writes records to the database. A record that the database refuses blocks no others: it is written without its texts
 * if possible, set aside (`set-aside.ts`) and logged.
 */
import type { Logger } from 'pino';
import type { Database } from '../../db/connection/database.ts';
import { readLine } from '../../db/runs/execution-lines.ts';
import { writeExecutionLines, writeExecutions } from '../../db/runs/executions.ts';
import { withoutTexts } from '../runs/cut-record.ts';
import { isOrphan, isRefusal } from './refusal.ts';
import { SetAside } from './set-aside.ts';

export interface RecordWriterOptions {
  /** Folder of this machine's journals. */
  readonly folder: string;
  readonly db: Database;
  readonly log: Logger;
  /** Called with the number of runs that were written. */
  readonly onShipped?: (runs: number) => void;
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

  /** Writes lines of a journal. Rejects only if the database is unavailable. Finds refused runs by bisection. */
  async write(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const { db, onShipped } = this.#options;
    try {
      await writeExecutionLines(db, lines);
      onShipped?.(lines.length);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.#writeSome(lines, error);
    }
  }

  /** @param refusal why the database refuses the lines together */
  async #writeSome(lines: readonly string[], refusal: unknown): Promise<void> {
    const { readable = [], unreadable = [] } = Object.groupBy(lines, (line) =>
      readLine(line) === undefined ? 'unreadable' : 'readable',
    );
    for (const line of unreadable) {
      await this.setAside(Buffer.from(line), new Error('it cannot be read'));
    }
    if (unreadable.length > 0) return this.write(readable);
    const [only = ''] = lines;
    if (lines.length === 1) return this.#writeRefused(only, refusal);
    const half = lines.length >> 1;
    await this.write(lines.slice(0, half));
    await this.write(lines.slice(half));
  }

  async setAside(line: Buffer, error: unknown, executionId?: string): Promise<void> {
    const { log, onSetAside } = this.#options;
    log.error({ err: error, executionId }, 'a line of the journal was set aside');
    onSetAside?.();
    await this.#aside.add(line);
  }

  /** The run has happened and is billed, so it is recorded without the texts that the database refuses. */
  async #writeRefused(line: string, refusal: unknown): Promise<void> {
    const { db, onShipped } = this.#options;
    const run = readLine(line);
    if (run !== undefined && !isOrphan(refusal)) {
      try {
        const bare = withoutTexts(run);
        await writeExecutions(db, [bare]);
        onShipped?.(1);
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
    }
    await this.setAside(Buffer.from(line), refusal, run?.id);
  }
}
