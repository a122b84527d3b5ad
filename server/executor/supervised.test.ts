import assert from 'node:assert/strict';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { atEnd } from '../../test/at-end.ts';
import { PATIENCE } from '../process/watchdog.ts';
import { LISTENING, waitUntilHung } from './supervised.ts';

const SHORT = { ...PATIENCE, cpuMs: 500, wallMs: 500, pollMs: 20 };

async function start(t: TestContext): Promise<Worker> {
  const exec = new URL('../../test/workers/alive.ts', import.meta.url).pathname;
  cluster.setupPrimary({ exec, args: [], execArgv: [] });
  const worker = cluster.fork();
  atEnd(t, async () => {
    worker.process.kill('SIGKILL');
    if (!worker.isDead()) await once(worker, 'exit');
  });
  const [first] = await once(worker, 'message');
  assert.equal(first, LISTENING);
  return worker;
}

test('a process that hangs is found, and one that answers is left alone', async (t) => {
  const [hangs, lives] = await Promise.all([start(t), start(t)]);
  const found: string[] = [];
  void waitUntilHung(lives, { everyMs: 10 }).then(() => found.push('lives'));
  hangs.send('hang');
  // Nothing else keeps this process awake meanwhile.
  const awake = setInterval(() => undefined, 1000);
  atEnd(t, () => clearInterval(awake));
  assert.equal(await waitUntilHung(hangs, { everyMs: 10, patience: SHORT }), true);
  assert.deepEqual(found, []);
});

test('a process that has ended does not hang', async (t) => {
  const worker = await start(t);
  const waiting = waitUntilHung(worker, { everyMs: 10 });
  const awake = setInterval(() => undefined, 1000);
  atEnd(t, () => clearInterval(awake));
  worker.process.kill('SIGKILL');
  assert.equal(await waiting, false);
});
