/** Throughput of two executors behind nginx compared with one. Each has one process; both share PostgreSQL and the store. */
import { startPostgres } from '../scripts/services/postgres.ts';
import { startExecutors } from './measure/executors.ts';
import { load } from './measure/load.ts';
import { median } from './measure/median.ts';
import { startNginx } from './measure/nginx.ts';

const PATH = '/run/hello-http/';
const ROUNDS = 3;
const SECONDS = 4;
const CONNECTIONS = 64;
const GOAL = 1.6;

export async function run(): Promise<void> {
  const postgres = await startPostgres();
  if ('reason' in postgres) throw new Error(postgres.reason);
  const first = await startExecutors(postgres.url, 1);
  const second = await startExecutors(postgres.url, 1, [], first.folder);
  const alone = await startNginx({ web: first.port, run: [first.port] });
  const both = await startNginx({ web: first.port, run: [first.port, second.port] });
  if ('reason' in alone) throw new Error(alone.reason);
  if ('reason' in both) throw new Error(both.reason);
  const rates = { alone: [] as number[], both: [] as number[] };
  try {
    const order = { path: PATH, host: 'run.trisiel.dev', connections: CONNECTIONS, tls: true };
    for (const port of [alone.tlsPort, both.tlsPort]) await load({ ...order, port, seconds: 3 });
    for (let round = 0; round < ROUNDS; round++) {
      const one = await load({ ...order, port: alone.tlsPort, seconds: SECONDS });
      const two = await load({ ...order, port: both.tlsPort, seconds: SECONDS });
      if (one.failures + two.failures > 0) throw new Error('Some requests failed.');
      rates.alone.push(one.perSecond);
      rates.both.push(two.perSecond);
    }
  } finally {
    await Promise.all([alone.stop(), both.stop()]);
    await Promise.all([first.stop(), second.stop()]);
    await postgres.stop();
  }
  const [one, two] = [median(rates.alone), median(rates.both)];
  console.log(`one executor ${one.toFixed(0)} requests/s, two ${two.toFixed(0)} requests/s`);
  console.log(`scale: ${(two / one).toFixed(2)} times one executor (goal ${GOAL})`);
}
