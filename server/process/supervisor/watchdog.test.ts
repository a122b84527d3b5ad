import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { atEnd } from '../../../test/setup/at-end.ts';
import { mainThreadTime, residentBytes } from '../confinement/proc.ts';
import { isHung, type Patience } from './watchdog.ts';

const onLinux = { skip: process.platform !== 'linux' };
const never = new Promise<never>(() => undefined);
const SHORT: Patience = {
  cpuMs: 300,
  blockedMs: 300,
  stoppedMs: 300,
  wallMs: 300,
  pollMs: 20,
};
const SPIN = 'process.stdout.write("up"); for (;;);';
const WAIT = 'process.stdout.write("up"); setInterval(() => undefined, 1000)';

async function start(
  t: TestContext,
  program: string,
): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  atEnd(t, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  if (child.stdout === null || child.pid === undefined) throw new Error('no process');
  await once(child.stdout, 'data');
  // The watchdog does not keep the program running.
  const awake = setInterval(() => undefined, 1000);
  atEnd(t, () => clearInterval(awake));
  return { child, pid: child.pid };
}

test(
  'a process in an endless loop counts as hung once it has used its CPU time',
  onLinux,
  async (t) => {
    const { pid } = await start(t, SPIN);
    const before = await mainThreadTime(pid);
    assert.equal(
      await isHung(pid, never, { ...SHORT, blockedMs: Infinity, stoppedMs: Infinity }),
      true,
    );
    const after = await mainThreadTime(pid);
    assert.ok((after?.cpuMs ?? 0) - (before?.cpuMs ?? 0) >= SHORT.cpuMs);
  },
);

test(
  'a stopped process counts as hung much sooner than one that waits for its disk',
  onLinux,
  async (t) => {
    const { child, pid } = await start(t, SPIN);
    child.kill('SIGSTOP');
    const patience = { ...SHORT, cpuMs: 60_000, blockedMs: 60_000 };
    assert.equal(await isHung(pid, never, patience), true);
  },
);

test(
  'a process that gets little CPU time is not killed because of wall time',
  onLinux,
  async (t) => {
    // Stopped nine tenths of the time, as on a busy machine.
    const { child, pid } = await start(t, SPIN);
    const starving = setInterval(() => {
      child.kill('SIGCONT');
      setTimeout(() => child.kill('SIGSTOP'), 10);
    }, 100);
    atEnd(t, () => clearInterval(starving));
    const answered = new Promise((resolve) => setTimeout(resolve, 1200));
    const patience = { ...SHORT, cpuMs: 1000, blockedMs: 5000, stoppedMs: 5000 };
    assert.equal(await isHung(pid, answered, patience), false);
  },
);

test('a process that answers, or has ended, does not count as hung', onLinux, async (t) => {
  const { child, pid } = await start(t, WAIT);
  const answered = new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await isHung(pid, answered, SHORT), false);
  const ended = isHung(pid, never, { ...SHORT, blockedMs: 60_000 });
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await ended, false);
});

test(
  'resident memory is reported, and undefined for a process that is gone',
  onLinux,
  async (t) => {
    const { child, pid } = await start(t, WAIT);
    assert.ok(((await residentBytes(pid)) ?? 0) > 10_000_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(await residentBytes(pid), undefined);
    assert.equal(await mainThreadTime(pid), undefined);
  },
);
