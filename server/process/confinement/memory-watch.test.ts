import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { atEnd } from '../../../test/setup/at-end.ts';
import { watchMemory } from './memory-watch.ts';

const GROW = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(1e7, 1)), 20)';
const WAIT = 'setInterval(() => undefined, 1000)';

test(
  'a process that exceeds its limit is detected, and one within its limit is left alone',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const [grows, waits] = [GROW, WAIT].map((program) => {
      const child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
      atEnd(t, async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGKILL');
        await once(child, 'exit');
      });
      return child;
    });
    assert.ok(grows !== undefined && waits !== undefined);
    // The watch does not keep the program running.
    const awake = setInterval(() => undefined, 1000);
    atEnd(t, () => clearInterval(awake));
    const watched = watchMemory(waits, 200e6, 20);
    assert.equal(await watchMemory(grows, 200e6, 20), true);
    waits.kill('SIGKILL');
    assert.equal(await watched, false);
  },
);
