/** Brings the journal's runs to the database, in batches; what is written is deleted from the journal. */
import { appendFile, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { sqlState, type Database } from '../db/database.ts';
import { writeExecutions, type NewExecution } from '../db/executions.ts';
import { adoptJournals, type Journal } from './journal.ts';
import { readLine } from './record.ts';

/** Milliseconds between looks at an idle journal. */
const PAUSE_MS = 150;
/** While guests run, writing takes a part of the time, and they have the rest: a burst is written after it. */
const REST = 5;
/** After a failure; the database may be away. */
const RETRY_MS = 1000;
const BATCH_BYTES = 512 * 1024;
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
}

export class Shipper {
  readonly #options: ShipperOptions;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();
  /** Where reading goes on in the journal of this process. */
  #number = 1;
  #offset = 0;
  #adopted: string[] = [];
  #adoptedAt = -Infinity;

  constructor(options: ShipperOptions) {
    this.#options = options;
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
    const [left] = this.#adopted;
    if (left !== undefined) {
      await this.#shipFile(left);
      this.#adopted.shift();
      return true;
    }
    const { journal } = this.#options;
    const { number, bytes } = journal.position;
    const path = journal.path(this.#number);
    const isCurrent = this.#number === number;
    const end = isCurrent ? bytes : (await stat(path)).size;
    if (this.#offset < end) {
      this.#offset += await this.#shipPart(path, this.#offset, end);
      return true;
    }
    if (isCurrent) return journal.rotate();
    await rm(path, { force: true });
    this.#number += 1;
    this.#offset = 0;
    journal.onShipped(this.#number);
    return true;
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

  /** Writes whole lines from an offset on. Returns their bytes. */
  async #shipPart(path: string, from: number, to: number): Promise<number> {
    let bytes = await readPart(path, from, Math.min(to, from + BATCH_BYTES));
    let end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end === 0) {
      // A line longer than a batch.
      bytes = await readPart(path, from, to);
      end = bytes.indexOf(LINE_FEED) + 1;
      if (end === 0) return 0;
    }
    const lines = bytes.toString('utf8', 0, end - 1).split('\n');
    await this.#write(lines.map(readLine).filter((run) => run !== undefined));
    return end;
  }

  async #write(runs: readonly NewExecution[]): Promise<void> {
    const { db, log, onShipped, folder } = this.#options;
    try {
      await db.transaction((tx) => writeExecutions(tx, runs));
      onShipped?.(runs);
    } catch (error) {
      // Data that the database refuses (classes 22 and 23) must not keep the rest waiting.
      if (!/^2[23]/.test(sqlState(error) ?? '')) throw error;
      const [only] = runs;
      if (runs.length > 1) {
        const half = runs.length >> 1;
        await this.#write(runs.slice(0, half));
        await this.#write(runs.slice(half));
      } else if (only !== undefined) {
        log.error({ err: error, executionId: only.id }, 'a run was refused by the database');
        await appendFile(join(folder, 'refused.jsonl'), `${JSON.stringify(only)}\n`);
      }
    }
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
