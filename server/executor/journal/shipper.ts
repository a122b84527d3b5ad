/**
 * Writes the journal's runs to the database in batches, and deletes them from the journal. A line that is unreadable or
 * refused by the database is set aside (`set-aside.ts`) and logged, and shipping continues.
 */
import { open, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger } from 'pino';
import type { Database } from '../../db/connection/database.ts';
import { writeExecutions, type NewExecution } from '../../db/runs/executions.ts';
import { MAX_LINE_CHARACTERS, withoutTexts } from '../runs/cut-record.ts';
import { adoptJournals, OPEN_RUNS, type Journal } from './journal.ts';
import { readInterrupted } from '../runs/open-runs.ts';
import { readLine, writeLine } from './line.ts';
import { isOrphan, isRefusal } from './refusal.ts';
import { SetAside } from './set-aside.ts';

/** Poll interval of an idle journal. */
const PAUSE_MS = 150;
/** While guests run, the shipper pauses for this multiple of its write time: a burst is written after it ends. */
const REST = 5;
/** Pause after a failure, such as an unreachable database. */
const RETRY_MS = 1000;
const BATCH_BYTES = 512 * 1024;
const BATCH_RUNS = 500;
/** Limit of a line that is read whole; a character takes at most three bytes of UTF-8. */
const MAX_LINE_BYTES = 3 * MAX_LINE_CHARACTERS;
const LINE_FEED = 10;
/** Interval of the search for journals of dead processes. */
const ADOPT_MS = 5000;

export interface ShipperOptions {
  readonly journal: Journal;
  /** Folder of this machine's journals. */
  readonly folder: string;
  readonly db: Database;
  readonly log: Logger;
  /** Called with the runs that were written. */
  readonly onShipped?: (runs: readonly NewExecution[]) => void;
  /** Called for each line set aside. */
  readonly onSetAside?: () => void;
}

export class Shipper {
  readonly #options: ShipperOptions;
  readonly #aside: SetAside;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();
  /** Read position in this process's journal. */
  #number = 1;
  #offset = 0;
  #adopted: string[] = [];
  #adoptedAt = -Infinity;

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#aside = new SetAside(options.folder);
  }

  /** Bytes of this process's journal not yet in the database; files before the current one count as whole. */
  async behindBytes(): Promise<number> {
    const { journal } = this.#options;
    let bytes =
      journal.position.bytes - (this.#number === journal.position.number ? this.#offset : 0);
    for (let number = this.#number; number < journal.position.number; number++) {
      bytes += (await stat(journal.path(number)).catch(() => ({ size: 0 }))).size;
    }
    return bytes;
  }

  start(): void {
    this.#done = this.#work();
  }

  /** Ships the remaining runs if the database accepts them, and stops. The journal must be idle. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    try {
      while (await this.#step());
      // Runs that this process abandons in order to stop in time.
      await this.#shipOpenRuns(join(this.#options.journal.folder, OPEN_RUNS));
      await rm(this.#options.journal.folder, { recursive: true, force: true });
    } catch (error) {
      this.#options.log.warn({ err: error }, 'runs stay in the journal until the next start');
    }
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let pauseMs = PAUSE_MS;
      const began = performance.now();
      const before = this.#options.journal.position;
      try {
        if (await this.#step()) {
          const isQuiet = isSame(before, this.#options.journal.position);
          pauseMs = isQuiet ? 0 : (performance.now() - began) * REST;
        }
      } catch (error) {
        pauseMs = RETRY_MS;
        this.#options.log.warn({ err: error }, 'runs could not be written; they are kept');
      }
      await wait(pauseMs, signal);
    }
  }

  /** Ships one batch. Returns false if there was none. */
  async #step(): Promise<boolean> {
    await this.#adopt();
    if (await this.#shipAdopted()) return true;
    const { journal } = this.#options;
    const { number, bytes } = journal.position;
    const path = journal.path(this.#number);
    const isCurrent = this.#number === number;
    const end = isCurrent ? bytes : (await stat(path)).size;
    if (this.#offset < end) {
      const shipped = await this.#shipPart(path, this.#offset, end);
      // Without a final line feed, the write of the line failed, and its run was not acknowledged.
      this.#offset = shipped === 0 ? end : this.#offset + shipped;
      return true;
    }
    if (isCurrent) return journal.rotate();
    await rm(path, { force: true });
    this.#number += 1;
    this.#offset = 0;
    journal.onShipped(this.#number);
    return true;
  }

  /** Ships a file of a dead process. Returns false if there is none, or if it cannot be read now. */
  async #shipAdopted(): Promise<boolean> {
    const left = this.#adopted.shift();
    if (left === undefined) return false;
    try {
      if (basename(left) === OPEN_RUNS) await this.#shipOpenRuns(left);
      else await this.#shipFile(left);
      return true;
    } catch (error) {
      // An unreadable file must not block this process's own runs.
      this.#adopted.push(left);
      if (!(error instanceof Error && 'path' in error)) throw error;
      this.#options.log.error({ err: error }, 'a journal cannot be read; it is tried again');
      return false;
    }
  }

  async #adopt(): Promise<void> {
    if (performance.now() - this.#adoptedAt < ADOPT_MS) return;
    this.#adoptedAt = performance.now();
    const { folder, journal } = this.#options;
    this.#adopted.push(...(await adoptJournals(folder, journal.folder)));
  }

  async #shipFile(path: string): Promise<void> {
    const { size } = await stat(path);
    for (let at = 0; at < size;) {
      const shipped = await this.#shipPart(path, at, size);
      // The rest is a truncated line, whose run was not acknowledged.
      if (shipped === 0) break;
      at += shipped;
    }
    await rm(path, { force: true });
  }

  /** Writes the runs that were interrupted when their process ended. Runs that have a row keep it. */
  async #shipOpenRuns(path: string): Promise<void> {
    const runs = readInterrupted(await readFile(path, 'latin1'));
    for (let at = 0; at < runs.length; at += BATCH_RUNS) {
      await this.#write(runs.slice(at, at + BATCH_RUNS));
    }
    await rm(path, { force: true });
  }

  /** Writes complete lines from an offset. Returns their length in bytes; 0 if there is no complete line. */
  async #shipPart(path: string, from: number, to: number): Promise<number> {
    const most = Math.min(to, from + BATCH_BYTES);
    let bytes = await readPart(path, from, most);
    let end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end === 0 && most < to) {
      // A line longer than a batch.
      bytes = await readPart(path, from, Math.min(to, from + MAX_LINE_BYTES));
      end = bytes.indexOf(LINE_FEED) + 1;
      if (end === 0) return this.#skipLine(path, from, to, bytes);
    }
    if (end === 0) return 0;
    const runs: NewExecution[] = [];
    for (const line of linesOf(bytes.subarray(0, end))) {
      const run = readLine(line.toString('utf8'));
      if (run === undefined) await this.#setAside(line, undefined, new Error('it cannot be read'));
      else runs.push(run);
    }
    await this.#write(runs);
    return end;
  }

  /** Sets aside the start of a line longer than this server writes. @param head its first bytes */
  async #skipLine(path: string, from: number, to: number, head: Buffer): Promise<number> {
    for (let at = from + head.length; at < to; at += BATCH_BYTES) {
      const part = await readPart(path, at, Math.min(to, at + BATCH_BYTES));
      const end = part.indexOf(LINE_FEED);
      if (end < 0) continue;
      await this.#setAside(head, undefined, new Error('it is too long'));
      return at + end + 1 - from;
    }
    return 0;
  }

  /**
   * Rejects only if the database is unavailable. Refused runs are isolated by bisection, so that they block no others.
   */
  async #write(runs: readonly NewExecution[]): Promise<void> {
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
        await this.#write(runs.slice(0, half));
        await this.#write(runs.slice(half));
      } else if (only !== undefined) {
        await this.#writeRefused(only, error);
      }
    }
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
    await this.#setAside(Buffer.from(writeLine(run)), run.id, refusal);
  }

  async #setAside(line: Buffer, executionId: string | undefined, why: unknown): Promise<void> {
    const { log, onSetAside } = this.#options;
    log.error({ err: why, executionId }, 'a line of the journal was set aside');
    onSetAside?.();
    await this.#aside.add(line);
  }
}

function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, at);
    const to = end < 0 ? bytes.length : end;
    if (to > at) yield bytes.subarray(at, to);
    at = to + 1;
  }
}

function isSame(a: Journal['position'], b: Journal['position']): boolean {
  return a.number === b.number && a.bytes === b.bytes;
}

async function readPart(path: string, from: number, to: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(to - from);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
