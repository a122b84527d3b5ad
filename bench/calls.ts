/**
 * Asynchronous calls of the example hello-http, executed by one process on PostgreSQL: how many a second while calls wait,
 * and how long a call takes from the 202 to its end when nothing else runs.
 */
import { startPostgres } from '../scripts/services/postgres.ts';
import { readConfig } from '../server/config.ts';
import type { Database } from '../server/db/connection/database.ts';
import { openDatabase } from '../server/db/connection/open.ts';
import { countAllOpenCalls } from '../server/db/runs/calls.ts';
import { cpuSeconds } from './measure/cpu.ts';
import { startExecutors } from './measure/executors.ts';
import { median, percentile } from './measure/median.ts';

const PATH = '/run/hello-http/';
const HEADERS = { prefer: 'respond-async' };
const SECONDS = 10;
/** Calls that wait or run. An owner may have 1,000. */
const OPEN = 400;
const SENDERS = 8;
const COUNT_MS = 200;
const SINGLE_CALLS = 40;
const LOOK_MS = 4;
const GOAL = 300;
const GOAL_MS = 50;

export async function run(args: readonly string[]): Promise<void> {
  const postgres = await startPostgres();
  if ('reason' in postgres) throw new Error(postgres.reason);
  // Arguments are options of Node: npm run bench -- calls --cpu-prof
  const executor = await startExecutors(postgres.url, 1, args);
  const origin = `http://127.0.0.1:${executor.port}`;
  const config = readConfig({ DATABASE_URL: postgres.url }, { web: 4000, run: executor.port });
  const db = await openDatabase(config, { role: 'api' });
  try {
    await timeSingleCalls(origin, 5);
    const idle = await timeSingleCalls(origin, SINGLE_CALLS);
    const [p50, p99] = [median(idle), percentile(idle, 0.99)];
    console.log(
      `one call at a time: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms from the 202 to the end (goal ${GOAL_MS})`,
    );
    const before = cpuSeconds(executor.pid);
    const rate = await executeMany(db, origin);
    const cpuUs = ((cpuSeconds(executor.pid) - before) * 1e6) / (rate * SECONDS);
    console.log(
      `calls: ${rate.toFixed(0)} executed a second with one process (goal ${GOAL}), ${cpuUs.toFixed(0)} µs of its CPU each, p50 ${p50.toFixed(0)} ms when idle`,
    );
  } finally {
    await db.close();
    await executor.stop();
    await postgres.stop();
  }
}

/** Milliseconds from each 202 until the address of the call shows its end. */
async function timeSingleCalls(origin: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const { url } = await send(origin);
    const from = performance.now();
    const page = `${origin}${new URL(url).pathname}`;
    while (!(await isOver(page))) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    times.push(performance.now() - from);
    // At any time of the interval of a poll.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
  }
  return times;
}

/** Keeps about {@link OPEN} calls waiting. Returns the executed ones per second. */
async function executeMany(db: Database, origin: string): Promise<number> {
  const started = performance.now();
  const until = started + SECONDS * 1000;
  let open = 0;
  const count = async (): Promise<void> => {
    while (performance.now() < until) {
      open = await countAllOpenCalls(db);
      await new Promise((resolve) => setTimeout(resolve, COUNT_MS));
    }
  };
  const sendOn = async (): Promise<void> => {
    while (performance.now() < until) {
      if (open > OPEN) {
        await new Promise((resolve) => setTimeout(resolve, COUNT_MS / 4));
      } else {
        await send(origin);
        open += 1;
      }
    }
  };
  const ended = async (): Promise<number> => {
    const rows = await db.query<{ status: string; n: number }>(
      'select status, count(*)::int as n from calls group by status',
    );
    const failed = rows.find(({ status }) => status === 'failed' || status === 'stopped');
    if (failed !== undefined) throw new Error(`${failed.n} calls have ${failed.status}.`);
    return rows.find(({ status }) => status === 'succeeded')?.n ?? 0;
  };
  const before = await ended();
  await Promise.all([count(), ...Array.from({ length: SENDERS }, sendOn)]);
  return ((await ended()) - before) / ((performance.now() - started) / 1000);
}

async function send(origin: string): Promise<{ readonly url: string }> {
  const answer = await fetch(`${origin}${PATH}`, { headers: HEADERS });
  if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`);
  const call: { readonly url: string } = JSON.parse(await answer.text());
  return call;
}

async function isOver(page: string): Promise<boolean> {
  const call: { readonly status: string } = JSON.parse(await (await fetch(page)).text());
  return call.status !== 'queued' && call.status !== 'running';
}
