/**
 * Requests per second of the example hello-http through the whole executor (metering, bill, journal, and a clean
 * instance per request), compared with workerd with an instance per request and with one instance for all. Each server is
 * one process, and they are measured in turn. After each turn the benchmark waits until the executor has written its
 * journal to the database, so that this does not slow the next server. The CPU time of the server process and its
 * threads is measured too, because it depends less on other load of the machine.
 */
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../scripts/services/postgres.ts';
import { startExecutors } from './measure/executors.ts';
import { load, type Measured } from './measure/load.ts';
import { median } from './measure/median.ts';
import { startModuleWorker } from './measure/workerd.ts';

const EXAMPLE = 'hello-http';
const ROUNDS = 9;
const CONNECTIONS = 64;
const SECONDS = 2;
const WARM_UP_SECONDS = 3;
const GOAL = 3;
const GOAL_REUSED = 1;

export async function run(args: readonly string[]): Promise<void> {
  const postgres = await startPostgres();
  if ('reason' in postgres) throw new Error(postgres.reason);
  const module = fileURLToPath(new URL(`../examples/${EXAMPLE}/module.wasm`, import.meta.url));
  // Arguments are options of Node: npm run bench -- http --cpu-prof
  const executor = await startExecutors(postgres.url, 1, args);
  const fresh = await startModuleWorker(module, 'fresh');
  const one = await startModuleWorker(module, 'one');
  const peers = [
    { name: 'trisiel', ...executor, path: `/run/${EXAMPLE}/`, rounds: [] as Measured[] },
    { name: 'workerd, instance per request', ...fresh, path: '/', rounds: [] as Measured[] },
    { name: 'workerd, one instance', ...one, path: '/', rounds: [] as Measured[] },
  ];
  try {
    for (const { port, path } of peers) {
      await load({ port, path, connections: CONNECTIONS, seconds: WARM_UP_SECONDS });
      await executor.journalEmpty();
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const { port, pid, path, rounds } of peers) {
        rounds.push(await load({ port, path, connections: CONNECTIONS, seconds: SECONDS }, pid));
        await executor.journalEmpty();
      }
    }
  } finally {
    await Promise.all([executor.stop(), fresh.stop(), one.stop()]);
    await postgres.stop();
  }
  const rates = peers.map(({ name, rounds }) => {
    const of = (read: (each: Measured) => number): number => median(rounds.map(read));
    const [rate, p50, p99] = [of((m) => m.perSecond), of((m) => m.p50), of((m) => m.p99)];
    const cpuUs = of((m) => m.cpuUs);
    const failures = rounds.reduce((sum, each) => sum + each.failures, 0);
    console.log(
      `${name.padEnd(32)} ${rate.toFixed(0).padStart(6)} requests/s   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   ${cpuUs.toFixed(0)} µs of CPU   ${failures} failures`,
    );
    return rate;
  });
  const [ours = NaN, freshRate = NaN, oneRate = NaN] = rates;
  console.log(
    `${(ours / oneRate).toFixed(2)} times workerd with one instance (goal ${GOAL_REUSED})`,
  );
  console.log(
    `http: ${(ours / freshRate).toFixed(2)} times workerd with an instance per request (goal ${GOAL})`,
  );
}
