/**
 * What follows from the end of a process that ran guests: what ran in a shared one goes back to probation, what ran in
 * a probation process is quarantined.
 *
 * The supervisor has no database. It renames the list of active runs (`active-runs.ts`) of a process that ended by a
 * fault, so that the name says what it was; an executor process writes the consequence to the database and deletes the file.
 * Doing that twice, by two processes at once, does no harm.
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

/** The kind of a process that ended; `ownerId`: a probation process. */
export type EndedProcess =
  | { readonly pid: number }
  | { readonly pid: number; readonly ownerId: string; readonly reason: QuarantineReason };

const NAME = /^ended-\d+(?:-(crashed|hung|memory)-([0-9a-f-]{36}))?$/;
/** Should a message of the supervisor be lost. */
const LOOK_MS = 5000;

/** The file of a process that lives. */
export function activeRunsPath(folder: string, pid: number): string {
  return join(folder, String(pid));
}

/** To be called by the supervisor when a process ended by a fault. False if it had no list. */
export function keepActiveRuns(folder: string, ended: EndedProcess): boolean {
  const what = 'ownerId' in ended ? `-${ended.reason}-${ended.ownerId}` : '';
  try {
    renameSync(activeRunsPath(folder, ended.pid), join(folder, `ended-${ended.pid}${what}`));
    return true;
  } catch {
    return false;
  }
}

/** To be called by the supervisor when a process ended in order. */
export function dropActiveRuns(folder: string, pid: number): void {
  rmSync(activeRunsPath(folder, pid), { force: true });
}

export interface EndedProcessesOptions {
  readonly folder: string;
  readonly db: Database;
  readonly log: Logger;
  /** Hours of a first quarantine. */
  readonly quarantineHours: number;
}

export class EndedProcesses {
  readonly #options: EndedProcessesOptions;
  #settling: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EndedProcessesOptions) {
    this.#options = options;
  }

  /** Looks now and at intervals. */
  async open(): Promise<void> {
    this.#timer ??= setInterval(() => {
      // A look that finds nothing costs microseconds.
      if (readdirSync(this.#options.folder).some((name) => NAME.test(name))) void this.settle();
    }, LOOK_MS).unref();
    await this.settle();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Writes the consequences of all processes that ended. Never rejects: what fails is tried again at the next look. */
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
          log.warn({ err: error }, 'what follows from the end of a process is not written yet');
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
      log.warn({ modules: active }, 'a process died: what ran in it goes to probation');
      await db.transaction((tx) => sendToProbation(tx, active));
      return;
    }
    // Whatever a process that fell to its guest wrote there, it concerns its owner alone.
    const own = active.filter((module) => module.ownerId === ownerId);
    const why = QUARANTINE_REASONS.find((each) => each === reason) ?? 'crashed';
    log.warn(
      { modules: own, reason: why },
      'a probation process died: what ran in it is quarantined',
    );
    await db.transaction((tx) => quarantine(tx, own, why, quarantineHours));
  }
}
