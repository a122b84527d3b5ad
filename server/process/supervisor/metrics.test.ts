import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { atEnd } from '../../../test/setup/at-end.ts';
import { serveMetricsSums } from './metrics.ts';

test('each executor reports the sums of all executors, without those that hang and without other processes', async (t) => {
  const program = new URL('../../../test/workers/metrics.ts', import.meta.url);
  const start = async (count: number): Promise<ChildProcess> => {
    const child = fork(program, [], {
      execArgv: [],
      env: { ...process.env, TRISIEL_PROCESS: 'guest', COUNT: String(count) },
    });
    atEnd(t, async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    const [first] = await once(child, 'message');
    assert.equal(first, 'begun');
    return child;
  };
  const [one, two, hangs] = await Promise.all([start(1), start(2), start(4), start(8)]);
  for (const child of [one, two]) serveMetricsSums(child, () => [one, two, hangs]);
  const ask = async (child: ChildProcess): Promise<unknown> => {
    const sent = Promise.withResolvers<unknown>();
    child.on('message', (message: unknown) => {
      if (typeof message === 'object' && message !== null && !('kind' in message)) {
        sent.resolve('text' in message ? message.text : undefined);
      }
    });
    child.send('ask');
    return sent.promise;
  };
  assert.match(String(await ask(two)), /^counted 7$/m);
  hangs.kill('SIGSTOP');
  assert.match(String(await ask(one)), /^counted 3$/m);
});
