import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const PROGRAM = new URL('../../../test/workers/channel-faults.ts', import.meta.url).pathname;

function run(...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
  return { status, output: stdout };
}

test('a process that sends unreadable messages does not end its supervisor', () => {
  const { status, output } = run();
  assert.match(output, /^A process sends what cannot be read \(.+\)\.\nread\n$/);
  assert.equal(status, 0);
});

test('an error of the supervisor’s own still ends it', () => {
  const { status, output } = run('own');
  assert.match(output, /a fault of its own/);
  assert.equal(status, 1);
});
