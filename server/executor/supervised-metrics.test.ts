import assert from 'node:assert/strict';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { test } from 'node:test';
import { atEnd } from '../../test/at-end.ts';
import { answerForAll } from './supervised-metrics.ts';

test('whichever executor is asked tells what all have counted, without one that hangs, and nothing of other processes', async (t) => {
  const exec = new URL('../../test/workers/metrics.ts', import.meta.url).pathname;
  cluster.setupPrimary({ exec, args: [], execArgv: [] });
  const start = async (count: number): Promise<Worker> => {
    const worker = cluster.fork({ COUNT: String(count) });
    atEnd(t, async () => {
      worker.process.kill('SIGKILL');
      if (!worker.isDead()) await once(worker, 'exit');
    });
    const [first] = await once(worker, 'message');
    assert.equal(first, 'begun');
    return worker;
  };
  const [one, two, hangs] = await Promise.all([start(1), start(2), start(4), start(8)]);
  answerForAll(() => [one, two, hangs]);
  const ask = async (worker: Worker): Promise<unknown> => {
    const told = Promise.withResolvers<unknown>();
    worker.on('message', (message: unknown) => {
      if (typeof message === 'object' && message !== null && !('kind' in message)) {
        told.resolve('text' in message ? message.text : undefined);
      }
    });
    worker.send('ask');
    return told.promise;
  };
  assert.match(String(await ask(two)), /^counted 7$/m);
  hangs.process.kill('SIGSTOP');
  assert.match(String(await ask(one)), /^counted 3$/m);
});
