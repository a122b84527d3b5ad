/**
 * Lists the running guests of this process in a file beside its journal. The journal has a line for each finished run;
 * if the process is killed, this file has one for each unfinished run. The process that adopts the journal records
 * those as `interrupted`.
 *
 * Slots have a fixed length and are written in place without syncing: written data survives the process in the kernel.
 * A run costs one write of about 1.5 µs when it starts. Its slot is reused by a later run or cleared within a second;
 * until then it names a run that the journal has, whose row is left unchanged.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { NewExecution } from '../../db/runs/executions.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import { emptyExecution } from './record.ts';

/** A slot is one line, possibly followed by remains of a longer one. Longer paths are truncated. */
const SLOT_BYTES = 320;
const EMPTY = '\n';
const SWEEP_MS = 1000;
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const SLOT = new RegExp(`^(${UUID}) (${UUID}) (${UUID}) (${UUID}) (\\d{1,15}) (\\S{1,20}) (\\S*)$`);

const INTERRUPTED = {
  code: 'host',
  message: 'The process that the run was in ended in the middle of it.',
  backtrace: [],
};

/** A run that starts. */
export interface OpenRun {
  readonly id: string;
  readonly handler: Pick<LoadedHandler, 'id' | 'versionId' | 'ownerId'>;
  readonly startedAt: Date;
  readonly method: string;
  readonly path: string;
}

export class OpenRuns {
  readonly #fd: number;
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

  /** Returns the run's slot, for {@link end}. */
  begin({ id, handler, startedAt, method, path }: OpenRun): number {
    const slot = this.#free.pop() ?? this.#slots++;
    this.#dirty.delete(slot);
    const text = `${id} ${handler.id} ${handler.versionId} ${handler.ownerId} ${startedAt.getTime()} ${method} ${path}`;
    this.#write(slot, `${text.length < SLOT_BYTES ? text : text.slice(0, SLOT_BYTES - 1)}\n`);
    return slot;
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
    for (const slot of dirty) this.#write(slot, EMPTY);
  }

  #write(slot: number, text: string): void {
    if (this.#isClosed) return;
    try {
      writeSync(this.#fd, text, slot * SLOT_BYTES, 'latin1');
    } catch {
      // The disk is full: the run continues, and is recorded unless the process is killed.
    }
  }
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
    return [emptyExecution(run, 'interrupted', INTERRUPTED)];
  });
}
