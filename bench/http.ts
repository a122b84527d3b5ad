/**
 * Requests a second of the hello example through the whole executor (metered, billed, on record, memory and globals
 * as new for each), beside workerd with an instance a request, and with one for all. One process each, in turn.
 * What the executor has still to write down is waited for, so that it takes nothing from the next one.
 * Processor time is that of the server and its threads: it says what a request costs where other work takes the cores too.
 */
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../scripts/services/postgres.ts';
import { startExecutors } from './measure/executors.ts';
import { load, type Measured } from './measure/load.ts';
import { median } from './measure/median.ts';
import { startWorkerd } from './measure/workerd.ts';

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
  // For a profiler: npm run bench -- http --cpu-prof
  const executor = await startExecutors(postgres.url, 1, args);
  const fresh = await startWorkerd(module, 'fresh');
  const one = await startWorkerd(module, 'one');
  const peers = [
    { name: 'trisiel', ...executor, path: `/run/${EXAMPLE}/`, seen: [] as Measured[] },
    { name: 'workerd, an instance a request', ...fresh, path: '/', seen: [] as Measured[] },
    { name: 'workerd, one instance', ...one, path: '/', seen: [] as Measured[] },
  ];
  try {
    for (const { port, path } of peers) {
      await load({ port, path, connections: CONNECTIONS, seconds: WARM_UP_SECONDS });
      await executor.written();
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const { port, pid, path, seen } of peers) {
        seen.push(await load({ port, path, connections: CONNECTIONS, seconds: SECONDS }, pid));
        await executor.written();
      }
    }
  } finally {
    await Promise.all([executor.stop(), fresh.stop(), one.stop()]);
    await postgres.stop();
  }
  const rates = peers.map(({ name, seen }) => {
    const of = (read: (each: Measured) => number): number => median(seen.map(read));
    const [rate, p50, p99] = [of((m) => m.perSecond), of((m) => m.p50), of((m) => m.p99)];
    const cpuUs = of((m) => m.cpuUs);
    const failures = seen.reduce((sum, each) => sum + each.failures, 0);
    console.log(
      `${name.padEnd(32)} ${rate.toFixed(0).padStart(6)} requests/s   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   ${cpuUs.toFixed(0)} µs of CPU   ${failures} failures`,
    );
    return rate;
  });
  const [ours = NaN, freshRate = NaN, oneRate = NaN] = rates;
  console.log(`against one instance: ${(ours / oneRate).toFixed(2)} times (goal ${GOAL_REUSED})`);
  console.log(`http: ${(ours / freshRate).toFixed(2)} times (goal ${GOAL})`);
}
