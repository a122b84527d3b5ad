/**
 * Lists the modules with runs in this process in a file that outlives it: if the process dies or is killed, the file
 * shows which runs may have caused it.
 *
 * The file has a line of fixed length per module, written in place without syncing, because written data survives the
 * process in the kernel. A shared process keeps a module listed for up to two seconds after its last run, so that a
 * busy handler does not cost a write per run. A probation process lists runs exactly, because listed modules are
 * quarantined.
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import type { OwnedModule } from '../../db/handlers/standing.ts';

/** A UUID, a space, a SHA-256 in hexadecimal, and a line feed. */
const LINE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) ([0-9a-f]{64})$/;
const LINE_BYTES = 102;
const EMPTY = `${' '.repeat(LINE_BYTES - 1)}\n`;
const SWEEP_MS = 1000;

interface Entry {
  readonly key: string;
  readonly line: number;
  running: number;
  /** Whether it ran since the last sweep. */
  wasUsed: boolean;
  readonly end: () => void;
}

/** A run, or another use of a module, in progress. */
export interface ActiveRun {
  /** Call it once. */
  readonly end: () => void;
}

export interface ActiveRunsOptions {
  readonly path: string;
  /** Whether a module is removed from the list as soon as it has no run. */
  readonly isExact: boolean;
}

export class ActiveRuns {
  readonly #options: ActiveRunsOptions;
  readonly #fd: number;
  readonly #entries = new Map<string, Entry>();
  readonly #free: number[] = [];
  #lines = 0;
  #isClosed = false;
  readonly #sweep: NodeJS.Timeout;

  constructor(options: ActiveRunsOptions) {
    this.#options = options;
    this.#fd = openSync(options.path, 'w', 0o600);
    this.#sweep = setInterval(() => this.#forgetIdle(), SWEEP_MS).unref();
  }

  /** @param digest of the module */
  begin(ownerId: string, digest: string): ActiveRun {
    const key = `${ownerId} ${digest}`;
    const entry = this.#entries.get(key) ?? this.#add(key);
    entry.running += 1;
    entry.wasUsed = true;
    return entry;
  }

  /** Removes the file, because this process exits normally. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#sweep);
    closeSync(this.#fd);
    rmSync(this.#options.path, { force: true });
  }

  #add(key: string): Entry {
    const line = this.#free.pop() ?? this.#lines++;
    const entry: Entry = {
      key,
      line,
      running: 0,
      wasUsed: true,
      end: () => {
        entry.running -= 1;
        if (this.#options.isExact && entry.running === 0) this.#remove(entry);
      },
    };
    this.#entries.set(key, entry);
    this.#write(line, `${key}\n`);
    return entry;
  }

  #forgetIdle(): void {
    for (const entry of this.#entries.values()) {
      if (entry.running === 0 && !entry.wasUsed) this.#remove(entry);
      else entry.wasUsed = entry.running > 0;
    }
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#free.push(entry.line);
    this.#write(entry.line, EMPTY);
  }

  #write(line: number, text: string): void {
    if (this.#isClosed) return;
    try {
      writeSync(this.#fd, text, line * LINE_BYTES);
    } catch {
      // The disk is full: the runs continue, but would not be blamed for a crash.
    }
  }
}

/** Returns the modules that a process had listed when it ended. */
export function readActiveRuns(path: string): OwnedModule[] {
  return readFileSync(path, 'latin1')
    .split('\n')
    .flatMap((line) => {
      const [, ownerId, digest] = LINE.exec(line) ?? [];
      return ownerId === undefined || digest === undefined ? [] : [{ ownerId, digest }];
    });
}
