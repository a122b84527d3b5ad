/** An executor process and the probation processes that it forwards to, for tests, all in this process. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { Database } from '../../../server/db/connection/database.ts';
import {
  rememberProcesses,
  type StartedProbation,
} from '../../../server/process/probation/processes.ts';
import {
  createProbation,
  type ProbationService,
} from '../../../server/executor/probation/service.ts';
import { atEnd } from '../at-end.ts';
import { asGuest, startExecutor, type TestExecutor } from './executor-server.ts';

export interface ProbationPair extends TestExecutor {
  /** The started probation processes with their owners, in order. */
  readonly started: readonly { readonly ownerId: string; readonly service: ProbationService }[];
  readonly activeRunsFolder: string;
  /** Reports the end of a process, as the supervisor does. */
  readonly reportEnd: () => void;
  /** Stops all probation processes in order; the next call starts a new one. */
  readonly stopProbation: () => Promise<void>;
}

export interface PairOptions {
  /** The setting PROBATION_RUNS. */
  readonly runs: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: a probation process is started. */
  readonly start?: (ownerId: string) => Promise<StartedProbation>;
  /** Origins of callbacks that are allowed although they are on this machine. */
  readonly allowedOrigins?: readonly string[];
}

export async function startPair(
  t: TestContext,
  db: Database,
  options: PairOptions,
): Promise<ProbationPair> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-p-'));
  const started: { ownerId: string; service: ProbationService }[] = [];
  const listeners: (() => void)[] = [];
  const start = async (ownerId: string): Promise<StartedProbation> => {
    const { config, store, sealer } = guests;
    const socketPath = join(folder, `${randomUUID()}.sock`);
    const activeRunsPath = join(folder, `probation-${started.length}`);
    const service = createProbation({
      log: pino({ level: 'silent' }),
      ...{ config, store, sealer, ownerId, socketPath, activeRunsPath },
      db: asGuest(db),
    });
    await service.open();
    started.push({ ownerId, service });
    return { socketPath };
  };
  const stopped = new Set<ProbationService>();
  const stopProbation = async (): Promise<void> => {
    for (const { service } of started) {
      if (stopped.has(service)) continue;
      stopped.add(service);
      await service.close();
    }
  };
  const guests = await startExecutor(t, db, {
    egress: { allowedOrigins: options.allowedOrigins ?? [] },
    environment: { PROBATION_RUNS: String(options.runs), ...options.environment },
    probation: {
      processes: rememberProcesses(options.start ?? start),
      activeRunsFolder: folder,
      onProcessEnded: (listener) => void listeners.push(listener),
    },
  });
  atEnd(t, async () => {
    await stopProbation();
    await rm(folder, { recursive: true, force: true });
  });
  const reportEnd = (): void => {
    for (const listener of listeners) listener();
  };
  return { ...guests, started, activeRunsFolder: folder, reportEnd, stopProbation };
}
