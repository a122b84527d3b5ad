/** Starts executors as in production: a supervisor with executor processes, on PostgreSQL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadExamples } from '../../examples/load.ts';
import { findFreePort } from '../../scripts/services/free-port.ts';
import { readConfig } from '../../server/config.ts';
import { openDatabase } from '../../server/db/connection/open.ts';
import { deployExamples } from '../../server/executor/handlers/deploy-examples.ts';
import { openSealer } from '../../server/sealer.ts';
import { openStore } from '../../server/store/open.ts';
import { waitForPort } from './wait.ts';

export interface RunningExecutors {
  readonly port: number;
  /** Process id of the supervisor. */
  readonly pid: number | undefined;
  /** The data folder. */
  readonly folder: string;
  /** Bytes of the journal that are not in the database. */
  journalBehind(): Promise<number>;
  /** Resolves when all executions are in the database. Until then, writing them would slow the next measurement. */
  journalEmpty(): Promise<void>;
  stop(): Promise<void>;
}

const START = fileURLToPath(new URL('../../scripts/start.ts', import.meta.url));

/**
 * Deploys the examples to the database and starts executors.
 * @param shared data folder of other executors, to share their store and key
 */
export async function startExecutors(
  databaseUrl: string,
  processes: number,
  nodeOptions: readonly string[] = [],
  shared?: string,
): Promise<RunningExecutors> {
  const folder = shared ?? (await mkdtemp(join(tmpdir(), 'trisiel-bench-')));
  const port = await findFreePort();
  const env = { DATA_DIR: folder, DATABASE_URL: databaseUrl, LOG_LEVEL: 'error' };
  const config = readConfig(env, { web: 4000, run: port });
  const db = await openDatabase(config, { role: 'api' });
  const sealer = await openSealer(config);
  const examples = await loadExamples();
  const store = openStore(config);
  await deployExamples({ db, store, sealer, examples, origin: config.webOrigin });
  await db.close();
  const child = spawn(
    process.execPath,
    [...nodeOptions, START, '--role', 'executor', '--processes', String(processes)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...env, RUN_PORT: String(port) },
    },
  );
  await waitForPort(port);
  while (!(await fetch(`http://127.0.0.1:${port}/readyz`)).ok) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const journalBehind = async (): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const behind = /^trisiel_journal_behind_bytes(?:{[^}]*})? (\S+)/m.exec(text)?.[1];
    if (behind !== undefined) return Number(behind);
    throw new Error('The metrics of the executor lack trisiel_journal_behind_bytes.');
  };
  return {
    port,
    pid: child.pid,
    folder,
    journalBehind,
    async journalEmpty() {
      while ((await journalBehind()) !== 0) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      if (shared === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
