import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { test } from 'node:test';
import { readConfig } from '../../config.ts';
import { Confinement } from '../confinement/confinement.ts';
import { KeptProcess } from './kept-process.ts';

const PROGRAM = new URL('../../../test/workers/replaced.ts', import.meta.url);
const NOTHING = {
  privileges: false,
  capabilities: false,
  files: false,
  systemCalls: false,
  memory: false,
};

test('a process that asks for its replacement again and again has one, and is ended', async () => {
  const started: ChildProcess[] = [];
  let most = 0;
  const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
    exitCode === null && signalCode === null;
  const kept = new KeptProcess({
    kind: 'web',
    env: {},
    context: { config: readConfig({}, { web: 1, run: 2 }), confinement: new Confinement(NOTHING) },
    say: () => undefined,
    replacedMs: 300,
    start() {
      const env = { ...process.env, TRISIEL_PROCESS: 'web' };
      const child = fork(PROGRAM, { execArgv: [], env });
      started.push(child);
      most = Math.max(most, started.filter(isRunning).length);
      return child;
    },
  });
  try {
    await kept.listening;
    while (started.length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(most <= 3, `${most} at once`);
  } finally {
    await kept.stop(0);
  }
  assert.deepEqual(started.filter(isRunning), []);
});
