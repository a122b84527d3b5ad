/**
 * Writes the journal's runs to the database in batches, and deletes them from the journal. A line that is unreadable or
 * refused by the database is set aside, and shipping continues.
 */
import { readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { toLine } from '../../db/runs/execution-lines.ts';
import { readInterrupted } from '../runs/open-runs.ts';
import { BATCH_BYTES, readBatch } from './batch.ts';
import { adoptJournals, OPEN_RUNS } from './folders.ts';
import type { Journal } from './journal.ts';
import { RecordWriter, type RecordWriterOptions } from './record-writer.ts';

/** Poll interval of an idle journal. */
const PAUSE_MS = 150;
/**
 * While guests run, the shipper pauses for up to this multiple of its write time, so that a burst is written after it
 * ends. Pauses become shorter as the journal grows.
 */
const REST = 5;
/** From this size of the journal on there are no pauses, so that continuous load does not fill it. */
const NO_REST_BYTES = 16 * 1024 * 1024;
/**
 * A complete file is written as one batch: while guests use the event loop, the time of a batch depends on its turns of
 * the loop, not on its size.
 */
const WHOLE_FILE_BYTES = 4 * 1024 * 1024;
/** Pause after a failure, such as an unreachable database. */
const RETRY_MS = 1000;
/** Interrupted runs written together. */
const BATCH_RUNS = 500;
/** Interval of the search for journals of dead processes. */
const ADOPT_MS = 5000;

export interface ShipperOptions extends RecordWriterOptions {
  readonly journal: Journal;
}

export class Shipper {
  readonly #options: ShipperOptions;
  readonly #writer: RecordWriter;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();
  /** Read position in this process's journal. */
  #number = 1;
  #offset = 0;
  #adopted: string[] = [];
  #adoptedAt = -Infinity;

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#writer = new RecordWriter(options);
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
          pauseMs = isQuiet ? 0 : (performance.now() - began) * this.#rest();
        }
      } catch (error) {
        pauseMs = RETRY_MS;
        this.#options.log.warn({ err: error }, 'runs could not be written; they are kept');
      }
      if (pauseMs > 0) await wait(pauseMs, signal);
    }
  }

  #rest(): number {
    const backlog = this.#options.journal.waitingBytes / NO_REST_BYTES;
    return REST * Math.max(0, 1 - backlog);
  }

  /** PGlite has one session, which a large statement would block for everybody else. */
  #batchBytes(isCurrent: boolean): number {
    return isCurrent || this.#options.db.kind === 'pglite' ? BATCH_BYTES : WHOLE_FILE_BYTES;
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
      const shipped = await this.#shipPart(path, this.#offset, end, this.#batchBytes(isCurrent));
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
    const lines = readInterrupted(await readFile(path, 'latin1')).map(toLine);
    for (let at = 0; at < lines.length; at += BATCH_RUNS) {
      await this.#writer.write(lines.slice(at, at + BATCH_RUNS));
    }
    await rm(path, { force: true });
  }

  /** Writes complete lines from an offset. Returns their length in bytes; 0 if there is no complete line. */
  async #shipPart(
    path: string,
    from: number,
    to: number,
    batchBytes = BATCH_BYTES,
  ): Promise<number> {
    const { length, lines, tooLong } = await readBatch(path, from, to, batchBytes);
    await this.#writer.write(lines);
    if (tooLong !== undefined) await this.#writer.setAside(tooLong, new Error('it is too long'));
    return length;
  }
}

function isSame(a: Journal['position'], b: Journal['position']): boolean {
  return a.number === b.number && a.bytes === b.bytes;
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
