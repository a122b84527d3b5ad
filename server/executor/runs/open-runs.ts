/**
 * Lists the running guests of this process in a file beside its journal. The journal has a line for each finished run;
 * if the process is killed, this file has one for each unfinished run. The process that adopts the journal records
 * those as `interrupted`.
 *
 * Slots have a fixed length and are written in place without syncing: written data survives the process in the kernel.
 * Runs that start in one turn of the event loop share a write, and start one after another after it. A slot is reused by a
 * later run or cleared within a second; until then it names a run that the journal has, whose row is left unchanged.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { INTERRUPTED_TRAP, type NewExecution } from '../../db/runs/executions.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import { emptyExecution } from './record.ts';

/** A slot is one line, possibly followed by remains of a longer one. Longer paths are truncated. */
const SLOT_BYTES = 320;
const LINE_FEED = 10;
/** Unchanged slots between two changed ones are written with them, since a second write would cost more. */
const MAX_GAP = 16;
const SWEEP_MS = 1000;
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const SLOT = new RegExp(`^(${UUID}) (${UUID}) (${UUID}) (${UUID}) (\\d{1,15}) (\\S{1,20}) (\\S*)$`);

/** A run that starts. */
export interface OpenRun {
  readonly id: string;
  readonly handler: Pick<LoadedHandler, 'id' | 'versionId' | 'ownerId'>;
  readonly startedAt: Date;
  readonly method: string;
  readonly path: string;
}

/** A run's place in the file. */
export interface OpenSlot {
  readonly number: number;
  /** Resolves when the run is in the file. Never rejects: if the disk is full, the run continues unlisted. */
  readonly written: Promise<void>;
}

export class OpenRuns {
  readonly #fd: number;
  /** Content of the file. */
  #image: Buffer = Buffer.alloc(64 * SLOT_BYTES);
  /** Slots whose content is not written yet. */
  #changed: number[] = [];
  /** Starts the runs whose slots are not written yet. */
  #waiting: (() => void)[] = [];
  /** Free slots; those in `#dirty` are not cleared in the file yet. */
  readonly #free: number[] = [];
  #dirty = new Set<number>();
  #slots = 0;
  #isClosed = false;
  readonly #timer: NodeJS.Timeout;

  constructor(path: string) {
    this.#fd = openSync(path, 'w', 0o600);
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Lists a run. Its guest must not start before the slot is written. */
  begin({ id, handler, startedAt, method, path }: OpenRun): OpenSlot {
    const number = this.#free.pop() ?? this.#slots++;
    this.#dirty.delete(number);
    this.#put(
      number,
      `${id} ${handler.id} ${handler.versionId} ${handler.ownerId} ${startedAt.getTime()} ${method} ${path}`,
    );
    if (this.#waiting.length === 0) queueMicrotask(this.#startWaiting);
    return { number, written: new Promise((resolve) => this.#waiting.push(resolve)) };
  }

  /** Call once, when the journal has the run. */
  end(slot: number): void {
    this.#free.push(slot);
    this.#dirty.add(slot);
  }

  /** Closes the file, which is kept. */
  close(): void {
    if (this.#isClosed) return;
    clearInterval(this.#timer);
    this.#sweep();
    this.#isClosed = true;
    closeSync(this.#fd);
  }

  #sweep(): void {
    const dirty = this.#dirty;
    this.#dirty = new Set();
    for (const slot of dirty) this.#put(slot, '');
    this.#flush();
  }

  /** Changes a slot in memory. */
  #put(slot: number, text: string): void {
    const at = slot * SLOT_BYTES;
    if (at >= this.#image.length) {
      this.#image = Buffer.concat([this.#image, Buffer.alloc(this.#image.length)]);
    }
    const length = this.#image.write(text, at, SLOT_BYTES - 1, 'latin1');
    this.#image[at + length] = LINE_FEED;
    this.#changed.push(slot);
  }

  readonly #startWaiting = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#flush();
    startInOrder(waiting);
  };

  /** Writes the changed slots, neighbours together. */
  #flush(): void {
    const changed = this.#changed;
    this.#changed = [];
    if (changed.length > 1) changed.sort((a, b) => a - b);
    let first = changed[0];
    for (let at = 0; first !== undefined; at++) {
      const slot = changed[at];
      const next = changed[at + 1];
      if (slot === undefined || (next !== undefined && next - slot <= MAX_GAP)) continue;
      this.#write(first, slot);
      first = next;
    }
  }

  #write(first: number, last: number): void {
    if (this.#isClosed) return;
    const from = first * SLOT_BYTES;
    try {
      writeSync(this.#fd, this.#image, from, (last + 1) * SLOT_BYTES - from, from);
    } catch {
      // The disk is full: the runs continue, and are recorded unless the process is killed.
    }
  }
}

/**
 * Starts each run after the one before it ended or had to wait. If they all started at once, their steps would alternate,
 * and each of them would need an instance of its own: 14 microseconds of CPU a run (`npm run bench -- http`).
 */
function startInOrder(runs: readonly (() => void)[], at = 0): void {
  const start = runs[at];
  if (start === undefined) return;
  start();
  // A tick starts when no microtask is left, and so does what the run does without waiting.
  if (at + 1 < runs.length) queueMicrotask(() => process.nextTick(startInOrder, runs, at + 1));
}

/** Returns the rows of runs that were interrupted when their process ended. @param text the file, decoded as Latin-1 */
export function readInterrupted(text: string): NewExecution[] {
  const slots = Array.from({ length: Math.ceil(text.length / SLOT_BYTES) }, (_, at) =>
    text.slice(at * SLOT_BYTES, (at + 1) * SLOT_BYTES),
  );
  return slots.flatMap((slot) => {
    const [, id, handlerId, versionId, ownerId, startedAt, method, path] =
      SLOT.exec(slot.slice(0, slot.indexOf('\n'))) ?? [];
    if (
      id === undefined ||
      handlerId === undefined ||
      versionId === undefined ||
      ownerId === undefined ||
      method === undefined ||
      path === undefined
    ) {
      return [];
    }
    const run = {
      id,
      handler: { id: handlerId, versionId, ownerId, keepsTrace: false },
      mode: 'sync' as const,
      callId: id,
      attempt: 1,
      method,
      path,
      startedAt: new Date(Number(startedAt)),
    };
    return [emptyExecution(run, 'interrupted', INTERRUPTED_TRAP)];
  });
}
