/**
 * Applies the consequences of the death of a process that ran guests: modules that ran in a shared process return to
 * probation, and those that ran in a probation process are quarantined.
 *
 * The supervisor has no database connection. It renames the list of active runs (`active-runs.ts`) of a process that
 * ended by a fault, so that the name says what kind of process it was. An executor process writes the consequences to
 * the database and deletes the file. If two processes do that at once, it does no harm.
 */
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Database } from '../../db/connection/database.ts';
import {
  quarantine,
  QUARANTINE_REASONS,
  sendToProbation,
  type OwnedModule,
  type QuarantineReason,
} from '../../db/handlers/standing.ts';
import { readActiveRuns } from './active-runs.ts';

/** The kind of a process that ended; `ownerId` is set for a probation process. */
export type EndedProcess =
  | { readonly pid: number }
  | { readonly pid: number; readonly ownerId: string; readonly reason: QuarantineReason };

const NAME = /^ended-\d+(?:-(crashed|hung|memory)-([0-9a-f-]{36}))?$/;
/** Poll interval, in case a message of the supervisor is lost. */
const LOOK_MS = 5000;

/** Returns the path of a running process's list. */
export function activeRunsPath(folder: string, pid: number): string {
  return join(folder, String(pid));
}

/** Called by the supervisor when a process ended by a fault. Returns false if it had no list. */
export function keepActiveRuns(folder: string, ended: EndedProcess): boolean {
  const what = 'ownerId' in ended ? `-${ended.reason}-${ended.ownerId}` : '';
  try {
    renameSync(activeRunsPath(folder, ended.pid), join(folder, `ended-${ended.pid}${what}`));
    return true;
  } catch {
    return false;
  }
}

/** Called by the supervisor when a process exited normally. */
export function dropActiveRuns(folder: string, pid: number): void {
  rmSync(activeRunsPath(folder, pid), { force: true });
}

export interface EndedProcessesOptions {
  readonly folder: string;
  readonly db: Database;
  readonly log: Logger;
  /** Duration of a first quarantine in hours. */
  readonly quarantineHours: number;
}

export class EndedProcesses {
  readonly #options: EndedProcessesOptions;
  #settling: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EndedProcessesOptions) {
    this.#options = options;
  }

  /** Checks now and at intervals. */
  async open(): Promise<void> {
    this.#timer ??= setInterval(() => {
      // A check that finds nothing costs microseconds.
      if (readdirSync(this.#options.folder).some((name) => NAME.test(name))) void this.settle();
    }, LOOK_MS).unref();
    await this.settle();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Writes the consequences of all processes that ended. Never rejects: failed writes are retried at the next check. */
  settle(): Promise<void> {
    this.#settling = this.#settling.then(async () => {
      const { folder, log } = this.#options;
      for (const name of await readdir(folder).catch(() => [])) {
        const found = NAME.exec(name);
        if (found === null) continue;
        const [, reason, ownerId] = found;
        const path = join(folder, name);
        try {
          await this.#settleOne(readActiveRuns(path), reason, ownerId);
          rmSync(path, { force: true });
        } catch (error) {
          log.warn(
            { err: error },
            'the consequences of the end of a process could not be written; retrying',
          );
        }
      }
    });
    return this.#settling;
  }

  async #settleOne(
    active: readonly OwnedModule[],
    reason: string | undefined,
    ownerId: string | undefined,
  ): Promise<void> {
    const { db, log, quarantineHours } = this.#options;
    if (ownerId === undefined) {
      log.warn({ modules: active }, 'a process died: modules that ran in it return to probation');
      await db.transaction((tx) => sendToProbation(tx, active));
      return;
    }
    // A guest may have taken over the process and written anything there, so only modules of its owner count.
    const own = active.filter((module) => module.ownerId === ownerId);
    const why = QUARANTINE_REASONS.find((each) => each === reason) ?? 'crashed';
    log.warn(
      { modules: own, reason: why },
      'a probation process died: modules that ran in it are quarantined',
    );
    await db.transaction((tx) => quarantine(tx, own, why, quarantineHours));
  }
}
