/**
 * The journal of runs: what this process ran, on the disk of this machine, before the caller has the last byte.
 *
 * Each process writes files of its own, `runs/PROCESS/NUMBER.jsonl`, one line a run. Lines of one round of the event
 * loop go out together. A killed process loses none of them: the system has them. So that a power cut loses at most
 * what came in the last moment, the file is synced at intervals, or before each answer where `sync` is `always`.
 *
 * A shipper (`shipper.ts`) reads the files, writes the rows to the database, and deletes what is done. A journal whose
 * process is gone is taken over by the next one that starts.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { OpenRuns } from '../runs/open-runs.ts';

/** Bytes after which a new file is begun. */
const SEGMENT_BYTES = 2 * 1024 * 1024;
const SYNC_MS = 500;
/** What waits for the round of the event loop goes out before it is longer than this: strings have an end. */
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024;
/** What may wait for the shipper; files count as whole. A database that is away, or slower than the guests, must not fill the disk. */
const MAX_WAITING_BYTES = 1024 * 1024 * 1024;

/** In the folder of a process: which runs are under way (`open-runs.ts`). */
export const OPEN_RUNS = 'open-runs';

const syncData = promisify(fdatasync);

export interface JournalOptions {
  /** Where the journals of this machine are. */
  readonly folder: string;
  /** `always`: synced to the disk before each answer. */
  readonly sync: 'interval' | 'always';
  /** Default 1 GiB. */
  readonly maxWaitingBytes?: number;
}

export class Journal {
  /** Of this process. */
  readonly folder: string;
  /** Runs that have no line yet. */
  readonly openRuns: OpenRuns;
  readonly #sync: JournalOptions['sync'];
  readonly #maxWaitingBytes: number;
  #fd: number;
  #number = 1;
  /** The first that is not shipped. */
  #oldest = 1;
  /** Bytes of the current file. */
  #bytes = 0;
  #lines = '';
  #waiting: PromiseWithResolvers<void> | undefined;
  #dirty = false;
  #syncing = 0;
  #closed = false;
  readonly #timer: NodeJS.Timeout;

  constructor(options: JournalOptions) {
    // The name tells whose it is: a process by its id and the time of its start, since ids are used again.
    this.folder = join(
      options.folder,
      `${process.pid}-${startOf(process.pid) ?? ''}-${randomUUID()}`,
    );
    this.#sync = options.sync;
    this.#maxWaitingBytes = options.maxWaitingBytes ?? MAX_WAITING_BYTES;
    mkdirSync(this.folder, { recursive: true });
    this.#fd = openSync(this.path(1), 'a', 0o600);
    this.openRuns = new OpenRuns(join(this.folder, OPEN_RUNS));
    this.#timer = setInterval(() => this.#syncNow(), SYNC_MS).unref();
  }

  /** The file that is written now, and how much of it is complete. */
  get position(): { readonly number: number; readonly bytes: number } {
    return { number: this.#number, bytes: this.#bytes };
  }

  /** Whether so much waits that no run should begin. */
  get isFull(): boolean {
    return (this.#number - this.#oldest) * SEGMENT_BYTES > this.#maxWaitingBytes;
  }

  /** The files before this one are shipped. */
  onShipped(number: number): void {
    this.#oldest = number;
  }

  path(number: number): string {
    return join(this.folder, `${String(number).padStart(8, '0')}.jsonl`);
  }

  /** Settles when the line is kept. Rejects where the disk refuses it: the run must not be acknowledged then. */
  append(line: string): Promise<void> {
    if (this.#lines.length + line.length > MAX_WAITING_CHARACTERS) this.#flush();
    this.#lines += line;
    if (this.#waiting === undefined) {
      this.#waiting = Promise.withResolvers();
      setImmediate(() => this.#flush());
    }
    return this.#waiting.promise;
  }

  /** Begins a new file where the current one holds anything, so that all of that can be shipped and deleted. */
  rotate(): boolean {
    if (this.#bytes === 0 || this.#syncing > 0 || this.#closed) return false;
    let next: number;
    try {
      next = openSync(this.path(this.#number + 1), 'a', 0o600);
    } catch {
      // The disk refuses a new file: lines still go to this one.
      return false;
    }
    try {
      closeSync(this.#fd);
    } catch {
      // It is no longer written to, whatever the disk says of it.
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
    const waiting = this.#waiting;
    const bytes = Buffer.from(this.#lines);
    this.#lines = '';
    this.#waiting = undefined;
    if (waiting === undefined) return;
    try {
      if (this.#closed) throw new Error('the journal is closed');
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      this.#takeBack();
      waiting.reject(error);
      return;
    }
    this.#bytes += bytes.length;
    this.#dirty = true;
    if (this.#sync === 'always') {
      this.#syncing += 1;
      syncData(this.#fd)
        .then(waiting.resolve, waiting.reject)
        .finally(() => (this.#syncing -= 1));
    } else {
      waiting.resolve();
    }
    if (this.#bytes > SEGMENT_BYTES) this.rotate();
  }

  /** A disk that is full may have taken a part of a line, which the next one must not be glued to. */
  #takeBack(): void {
    try {
      if (!this.#closed) ftruncateSync(this.#fd, this.#bytes);
    } catch {
      // The shipper sets aside what it cannot read.
    }
  }

  #syncNow(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    fdatasync(this.#fd, () => undefined);
  }
}

/**
 * Files of journals whose processes are gone, oldest first in each; they are this process's from now on.
 * @param own the folder that they are moved to
 */
export async function adoptJournals(folder: string, own: string): Promise<string[]> {
  const adopted: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const other = join(folder, entry.name);
    const [, pid = '', start = ''] = /^(\d+)-(\d*)-/.exec(entry.name) ?? [];
    if (other === own || !entry.isDirectory() || pid === '' || isRunning(Number(pid), start))
      continue;
    const taken = join(own, entry.name);
    // Of several who try, one succeeds.
    const isOurs = await rename(other, taken).then(
      () => true,
      () => false,
    );
    if (isOurs) adopted.push(...(await filesBelow(taken)));
  }
  return adopted;
}

/**
 * All files of runs below a folder: its own, and those that it had adopted in turn. In each folder the runs that ended
 * come first: rows of those that were under way must not take the place of theirs.
 */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries
    .filter((name) => name.endsWith('.jsonl') || basename(name) === OPEN_RUNS)
    .sort()
    .map((name) => join(folder, name));
}

function isRunning(pid: number, start: string): boolean {
  const now = startOf(pid);
  if (now !== undefined && start !== '') return now === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a process began, in the kernel's ticks; undefined where there is none, or where the system does not tell. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before it may hold anything but its closing parenthesis comes last.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
