/**
 * The journal of runs: each run of this process is on the local disk before the caller gets the last byte.
 *
 * Each process writes its own files, `runs/PROCESS/NUMBER.jsonl`, one line per run. Lines of one turn of the event loop
 * are written together. A killed process loses no line, because the kernel has it. To limit the loss in a power cut,
 * the file is synced at intervals, or before each response if `sync` is `always`.
 *
 * The shipper (`shipper.ts`) reads the files, writes rows to the database, and deletes finished files. The journal of a
 * dead process is adopted by the next process that looks.
 */
import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OpenRuns } from '../runs/open-runs.ts';
import { OPEN_RUNS, ownFolderName } from './folders.ts';

/** Size after which a new file is started. */
const SEGMENT_BYTES = 2 * 1024 * 1024;
const SYNC_MS = 500;
/** Buffered lines are flushed before they exceed this length, since strings have a maximum length. */
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024;
/**
 * Limit of data not yet shipped, counted in whole files, so that an unreachable or slow database does not fill the
 * disk.
 */
const MAX_WAITING_BYTES = 1024 * 1024 * 1024;

/**
 * From this fraction of the limit on, lines are acknowledged later; from half of the limit on, by `MAX_DELAY_MS`.
 * Callers that wait for their responses then send fewer requests, so the database keeps up before the journal is full
 * and calls are refused.
 */
const DELAY_FROM = 1 / 16;
const DELAY_FULL = 1 / 2;
const MAX_DELAY_MS = 100;

const syncData = promisify(fdatasync);

export interface JournalOptions {
  /** Folder of this machine's journals. */
  readonly folder: string;
  /** `always`: synced before each response. */
  readonly sync: 'interval' | 'always';
  /** Default 1 GiB. */
  readonly maxWaitingBytes?: number;
}

export class Journal {
  /** Folder of this process's journal. */
  readonly folder: string;
  /** Runs without a line yet. */
  readonly openRuns: OpenRuns;
  readonly #sync: JournalOptions['sync'];
  readonly #maxWaitingBytes: number;
  #fd: number;
  #number = 1;
  /** Number of the first file not shipped. */
  #oldest = 1;
  /** Bytes of the current file. */
  #bytes = 0;
  #lines = '';
  #pending: PromiseWithResolvers<void> | undefined;
  #dirty = false;
  #syncing = 0;
  #closed = false;
  readonly #timer: NodeJS.Timeout;

  constructor(options: JournalOptions) {
    this.folder = join(options.folder, ownFolderName());
    this.#sync = options.sync;
    this.#maxWaitingBytes = options.maxWaitingBytes ?? MAX_WAITING_BYTES;
    mkdirSync(this.folder, { recursive: true });
    this.#fd = openSync(this.path(1), 'a', 0o600);
    this.openRuns = new OpenRuns(join(this.folder, OPEN_RUNS));
    this.#timer = setInterval(() => this.#syncNow(), SYNC_MS).unref();
  }

  /** The current file, and the number of bytes complete in it. */
  get position(): { readonly number: number; readonly bytes: number } {
    return { number: this.#number, bytes: this.#bytes };
  }

  /** Bytes of unshipped data, in complete files. */
  get waitingBytes(): number {
    return (this.#number - this.#oldest) * SEGMENT_BYTES;
  }

  /** Whether the unshipped data exceeds the limit, so that no run should start. */
  get isFull(): boolean {
    return this.waitingBytes > this.#maxWaitingBytes;
  }

  /** Called when all files before `number` are shipped. */
  onShipped(number: number): void {
    this.#oldest = number;
  }

  path(number: number): string {
    return join(this.folder, `${String(number).padStart(8, '0')}.jsonl`);
  }

  /** Resolves when the line is written. Rejects if the write fails: the run must not be acknowledged then. */
  append(line: string): Promise<void> {
    if (this.#lines.length + line.length > MAX_WAITING_CHARACTERS) this.#flush();
    this.#lines += line;
    if (this.#pending === undefined) {
      this.#pending = Promise.withResolvers();
      setImmediate(() => this.#flush());
    }
    return this.#pending.promise;
  }

  /** Starts a new file if the current one is not empty, so that it can be shipped and deleted. */
  rotate(): boolean {
    if (this.#bytes === 0 || this.#syncing > 0 || this.#closed) return false;
    let next: number;
    try {
      next = openSync(this.path(this.#number + 1), 'a', 0o600);
    } catch {
      // A new file cannot be created: continue with this one.
      return false;
    }
    try {
      closeSync(this.#fd);
    } catch {
      // Nothing more is written to it, so an error is harmless.
    }
    this.#fd = next;
    this.#number += 1;
    this.#bytes = 0;
    return true;
  }

  close(): void {
    if (this.#closed) return;
    if (this.#lines !== '') this.#flush();
    this.#closed = true;
    this.openRuns.close();
    clearInterval(this.#timer);
    closeSync(this.#fd);
  }

  #flush(): void {
    const pending = this.#pending;
    const bytes = Buffer.from(this.#lines);
    this.#lines = '';
    this.#pending = undefined;
    if (pending === undefined) return;
    try {
      if (this.#closed) throw new Error('the journal is closed');
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      this.#truncatePartialLine();
      pending.reject(error);
      return;
    }
    this.#bytes += bytes.length;
    this.#dirty = true;
    if (this.#sync === 'always') {
      this.#syncing += 1;
      syncData(this.#fd)
        .then(pending.resolve, pending.reject)
        .finally(() => (this.#syncing -= 1));
    } else {
      const delayMs = this.#delayMs();
      if (delayMs === 0) pending.resolve();
      else setTimeout(pending.resolve, delayMs);
    }
    if (this.#bytes > SEGMENT_BYTES) this.rotate();
  }

  /** 0 while the database keeps up. */
  #delayMs(): number {
    const part = this.waitingBytes / this.#maxWaitingBytes;
    if (part <= DELAY_FROM) return 0;
    return MAX_DELAY_MS * Math.min(1, (part - DELAY_FROM) / (DELAY_FULL - DELAY_FROM));
  }

  /** Removes a partly written line (full disk), so that the next line does not continue it. */
  #truncatePartialLine(): void {
    try {
      if (!this.#closed) ftruncateSync(this.#fd, this.#bytes);
    } catch {
      // The shipper sets unreadable lines aside.
    }
  }

  #syncNow(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    fdatasync(this.#fd, () => undefined);
  }
}
