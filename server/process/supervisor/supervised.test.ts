import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { atEnd } from '../../../test/setup/at-end.ts';
import { LISTENING, waitUntilHung } from './supervised.ts';
import { PATIENCE } from './watchdog.ts';

const SHORT = { ...PATIENCE, cpuMs: 500, wallMs: 500, pollMs: 20 };

async function start(t: TestContext): Promise<ChildProcess> {
  const program = new URL('../../../test/workers/alive.ts', import.meta.url);
  const env = { ...process.env, TRISIEL_PROCESS: 'guest' };
  const child = fork(program, [], { execArgv: [], env });
  atEnd(t, async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const [first] = await once(child, 'message');
  assert.equal(first, LISTENING);
  return child;
}

test('a process that hangs is detected, and one that answers is left alone', async (t) => {
  const [hangs, lives] = await Promise.all([start(t), start(t)]);
  const found: string[] = [];
  void waitUntilHung(lives, { everyMs: 10 }).then(() => found.push('lives'));
  hangs.send('hang');
  // Nothing else keeps this process running meanwhile.
  const awake = setInterval(() => undefined, 1000);
  atEnd(t, () => clearInterval(awake));
  assert.equal(await waitUntilHung(hangs, { everyMs: 10, patience: SHORT }), true);
  assert.deepEqual(found, []);
});

test('a process that has ended does not hang', async (t) => {
  const child = await start(t);
  const waiting = waitUntilHung(child, { everyMs: 10 });
  const awake = setInterval(() => undefined, 1000);
  atEnd(t, () => clearInterval(awake));
  child.kill('SIGKILL');
  assert.equal(await waiting, false);
});
