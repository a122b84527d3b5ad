/**
 * Brings the journal's runs to the database, in batches; what is written is deleted from the journal. A line that the
 * database refuses, or that cannot be read, is set aside (`set-aside.ts`) and reported, and shipping goes on.
 */
import { open, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger } from 'pino';
import type { Database } from '../../db/connection/database.ts';
import { writeExecutions, type NewExecution } from '../../db/runs/executions.ts';
import { MAX_LINE_CHARACTERS, withoutTexts } from '../runs/cut-record.ts';
import { adoptJournals, OPEN_RUNS, type Journal } from './journal.ts';
import { readInterrupted } from '../runs/open-runs.ts';
import { readLine, writeLine } from '../runs/record.ts';
import { isOrphan, isRefusal } from './refusal.ts';
import { SetAside } from './set-aside.ts';

/** Milliseconds between looks at an idle journal. */
const PAUSE_MS = 150;
/** While guests run, writing takes a part of the time, and they have the rest: a burst is written after it. */
const REST = 5;
/** After a failure; the database may be away. */
const RETRY_MS = 1000;
const BATCH_BYTES = 512 * 1024;
const BATCH_RUNS = 500;
/** Of a line that is read whole; a character is three bytes of UTF-8 at most. */
const MAX_LINE_BYTES = 3 * MAX_LINE_CHARACTERS;
const LINE_FEED = 10;
/** Journals of processes that died are looked for so often. */
const ADOPT_MS = 5000;

export interface ShipperOptions {
  readonly journal: Journal;
  /** Where the journals of this machine are. */
  readonly folder: string;
  readonly db: Database;
  readonly log: Logger;
  /** Told of what was written. */
  readonly onShipped?: (runs: readonly NewExecution[]) => void;
  /** Called for each line that was set aside. */
  readonly onSetAside?: () => void;
}

export class Shipper {
  readonly #options: ShipperOptions;
  readonly #aside: SetAside;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();
  /** Where reading goes on in the journal of this process. */
  #number = 1;
  #offset = 0;
  #adopted: string[] = [];
  #adoptedAt = -Infinity;

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#aside = new SetAside(options.folder);
  }

  /** Bytes of this process's journal that are not in the database yet; files before the current count as whole. */
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

  /** Ships what is there, where the database takes it, and stops. The journal must be idle. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    try {
      while (await this.#step());
      // What this process gives up to end in time.
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

  /** One batch. False where there was none. */
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
      // Without a line feed to its end it is a line that the disk refused the rest of: its run was not acknowledged.
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

  /** Ships a file of a process that is gone. False if there is none, or if the disk refuses it for now. */
  async #shipAdopted(): Promise<boolean> {
    const left = this.#adopted.shift();
    if (left === undefined) return false;
    try {
      if (basename(left) === OPEN_RUNS) await this.#shipOpenRuns(left);
      else await this.#shipFile(left);
      return true;
    } catch (error) {
      // This process's own runs do not wait for a file that cannot be read.
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
      // What is left is a line that was cut off: its run was not acknowledged.
      if (shipped === 0) break;
      at += shipped;
    }
    await rm(path, { force: true });
  }

  /** Writes the runs that were under way when their process ended. Those that have a row keep it. */
  async #shipOpenRuns(path: string): Promise<void> {
    const runs = readInterrupted(await readFile(path, 'latin1'));
    for (let at = 0; at < runs.length; at += BATCH_RUNS) {
      await this.#write(runs.slice(at, at + BATCH_RUNS));
    }
    await rm(path, { force: true });
  }

  /** Writes whole lines from an offset on. Returns their bytes; 0 if there is no whole line. */
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

  /** Sets the head of a line aside that no server of this version wrote. @param head its first bytes */
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

  /** Rejects only if the database can take nothing now. What it refuses is found by halving, and keeps nobody waiting. */
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

  /** The run has happened and is billed, so that it stays on record without what the database refuses of it. */
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
