/**
 * The journal under a load that does not end: one executor process, the example hello-http at full load, and PostgreSQL
 * beside it on the same cores. Shows by the interval how many runs were answered, how many of them are in the database,
 * and how much waits. Argument: seconds, default 600.
 */
import { startPostgres } from '../scripts/services/postgres.ts';
import { readConfig } from '../server/config.ts';
import type { Database } from '../server/db/connection/database.ts';
import { openDatabase } from '../server/db/connection/open.ts';
import { startExecutors } from './measure/executors.ts';
import { load } from './measure/load.ts';

const PATH = '/run/hello-http/';
const CONNECTIONS = 64;
const SECONDS = 600;
const INTERVAL_SECONDS = 10;
const WARM_UP_SECONDS = 3;
const GOAL = 5000;

export async function run([given]: readonly string[]): Promise<void> {
  const seconds = Number(given ?? SECONDS);
  if (!(seconds >= 2 * INTERVAL_SECONDS)) {
    throw new Error(`Give a number of seconds, at least ${2 * INTERVAL_SECONDS}.`);
  }
  const postgres = await startPostgres();
  if ('reason' in postgres) throw new Error(postgres.reason);
  const executor = await startExecutors(postgres.url, 1);
  const config = readConfig({ DATABASE_URL: postgres.url }, { web: 4000, run: executor.port });
  const db = await openDatabase(config, { role: 'api' });
  const rounds: Round[] = [];
  try {
    const order = { port: executor.port, path: PATH, connections: CONNECTIONS };
    await load({ ...order, seconds: WARM_UP_SECONDS });
    let shipped = await countRuns(db);
    for (let at = 0; at < seconds; at += INTERVAL_SECONDS) {
      const { perSecond, failures, p99, cpuUs } = await load(
        { ...order, seconds: INTERVAL_SECONDS },
        executor.pid,
      );
      const now = await countRuns(db);
      const shippedPerSecond = (now - shipped) / INTERVAL_SECONDS;
      shipped = now;
      const behindBytes = await executor.journalBehind();
      rounds.push({ perSecond, failures, behindBytes });
      console.log(
        `${String(at + INTERVAL_SECONDS).padStart(4)} s  ${perSecond.toFixed(0).padStart(6)} runs/s  ${shippedPerSecond.toFixed(0).padStart(6)} rows/s  ${mebibytes(behindBytes).padStart(7)} MiB wait  ${failures} failures  p99 ${p99.toFixed(1)} ms  ${cpuUs.toFixed(0)} µs of CPU`,
      );
    }
  } finally {
    await db.close();
    await executor.stop();
    await postgres.stop();
  }
  const failures = sum(rounds.map((round) => round.failures));
  const rate = sum(rounds.map((round) => round.perSecond)) / rounds.length;
  const half = rounds.slice(rounds.length >> 1).map(({ behindBytes }) => behindBytes);
  console.log(
    `journal: ${rate.toFixed(0)} runs/s for ${seconds} s (goal ${GOAL}), ${failures} failures (goal 0), at most ${mebibytes(Math.max(...half))} MiB waiting in the second half, ${mebibytes(half.at(-1) ?? 0)} MiB at the end`,
  );
}

interface Round {
  readonly perSecond: number;
  readonly failures: number;
  readonly behindBytes: number;
}

async function countRuns(db: Database): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    'select coalesce(sum(runs), 0)::int as n from usage_days',
  );
  return row?.n ?? 0;
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
