/** If a probation process ends by a fault, its list of active runs is kept, so that their modules are quarantined. Idle processes are stopped. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, test, type TestContext } from 'node:test';
import { atEnd } from '../../../test/setup/at-end.ts';
import { MemoryGroups } from '../confinement/memory-groups.ts';
import { ProbationPool, type ProbationPoolOptions } from './probation-pool.ts';
import type { StartedProbation } from './processes.ts';

const onLinux = { skip: process.platform !== 'linux' };
const OWNER = '018f3a5c-0000-7000-8000-000000000001';
const OTHER = '018f3a5c-0000-7000-8000-000000000002';
const THIRD = '018f3a5c-0000-7000-8000-000000000003';

/** A process that writes a list of active runs, listens, reports that it has been idle for a long time, and then executes `act`. */
const program = (act: string, idleMs = 1_000_000): string => `
  require('node:fs').writeFileSync(process.argv[2] + '/' + process.pid, 'a run');
  process.on('message', (message) => {
    if (message.kind === 'trisiel-probation-idle') process.send({ ...message, idleMs: ${idleMs} });
    if (message.kind === 'trisiel-alive') process.send(message);
  });
  process.on('SIGTERM', () => process.exit(0));
  process.send('trisiel-listening');
  ${act}`;

interface Started {
  readonly pool: ProbationPool;
  readonly folder: string;
  /** Resolves at the first fault with the file names of the kept lists of active runs. */
  readonly fault: Promise<string[]>;
}

function start(t: TestContext, code: string, options: Partial<ProbationPoolOptions>): Started {
  const folder = mkdtempSync(join(tmpdir(), 'trisiel-pool-'));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'program.cjs');
  writeFileSync(path, code);
  const fault = Promise.withResolvers<string[]>();
  const pool = new ProbationPool({
    launch: () => fork(path, [folder], { execArgv: [], stdio: 'ignore' }),
    folder,
    maxProcesses: 1,
    memoryBytes: Infinity,
    say: () => undefined,
    onFault: () => fault.resolve(lists(folder)),
    ...options,
  });
  atEnd(t, () => pool.stop(5000));
  return { pool, folder, fault: fault.promise };
}

function lists(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^(ended-)?\d+/.test(name));
}

/** Waits until the pool has no process. Timers of the pool may be mocked. */
async function untilEmpty(pool: ProbationPool): Promise<void> {
  while (pool.running().length > 0) await new Promise((resolve) => setImmediate(resolve));
}

test(
  'a process that hangs is killed, and the file name of its list of active runs says so',
  onLinux,
  async (t) => {
    const patience = {
      cpuMs: 300,
      blockedMs: 60_000,
      stoppedMs: 60_000,
      wallMs: 60_000,
      pollMs: 20,
    };
    const { pool, fault } = start(t, program('setTimeout(() => { for (;;); }, 50);'), { patience });
    assert.ok(typeof (await pool.start(OWNER)) === 'object');
    const awake = setInterval(() => undefined, 1000);
    atEnd(t, () => clearInterval(awake));
    const [kept, ...others] = await fault;
    assert.match(kept ?? '', new RegExp(`^ended-\\d+-hung-${OWNER}$`));
    assert.deepEqual(others, []);
  },
);

test(
  'a process that exceeds its memory is killed, and the file name of its list of active runs says so',
  onLinux,
  async (t) => {
    const { pool, fault } = start(
      t,
      program('const all = []; setInterval(() => all.push(Buffer.alloc(4 << 20, 1)), 10);'),
      { memoryBytes: 160 * 1024 ** 2 },
    );
    assert.ok(typeof (await pool.start(OWNER)) === 'object');
    assert.match((await fault).join(), new RegExp(`^ended-\\d+-memory-${OWNER}$`));
  },
);

test('the list of active runs of a process that the kernel kills for its memory is kept with that reason', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'trisiel-cgroup-'));
  atEnd(t, () => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'cgroup.controllers'), 'memory');
  writeFileSync(join(root, 'cgroup.procs'), '');
  const memoryGroups = MemoryGroups.open({ root, membership: '0::/' });
  assert.ok(memoryGroups instanceof MemoryGroups);
  const { pool, fault } = start(t, program(''), { memoryGroups, memoryBytes: 1024 ** 4 });
  assert.ok(typeof (await pool.start(OWNER)) === 'object');
  const group = join(root, `trisiel-${process.pid}-1`);
  assert.equal(readFileSync(join(group, 'memory.max'), 'utf8'), String(1024 ** 4));
  // The kernel does both when a control group exceeds its memory.
  writeFileSync(join(group, 'memory.events'), 'oom_kill 1');
  for (const child of pool.running()) child.kill('SIGKILL');
  assert.match((await fault).join(), new RegExp(`^ended-\\d+-memory-${OWNER}$`));
});

test('a process that crashes is not replaced automatically, and its owner gets a new one on demand', async (t) => {
  const { pool, fault } = start(t, program('setTimeout(() => process.abort(), 50);'), {});
  assert.ok(typeof (await pool.start(OWNER)) === 'object');
  assert.match((await fault).join(), new RegExp(`^ended-\\d+-crashed-${OWNER}$`));
  assert.equal(pool.running().length, 0);
  assert.ok(typeof (await pool.start(OWNER)) === 'object');
});

test('a process without calls is stopped after its idle time, and no module is quarantined for it', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  atEnd(t, () => mock.timers.reset());
  const { pool, folder } = start(t, program(''), { idleMs: 500_000 });
  assert.ok(typeof (await pool.start(OWNER)) === 'object');
  assert.equal(lists(folder).length, 1);
  mock.timers.tick(15_000);
  await untilEmpty(pool);
  // It exited normally, so its list is deleted.
  while (lists(folder).length > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(lists(folder), []);
});

test('an idle process is stopped at once if another owner needs its place', async (t) => {
  const { pool, folder } = start(t, program(''), { minIdleMs: 1000 });
  assert.ok(typeof (await pool.start(OWNER)) === 'object');
  assert.ok(typeof (await pool.start(OTHER)) === 'object');
  assert.equal(pool.running().length, 1);
  assert.equal(lists(folder).length, 1, 'the first one exited normally');
  assert.equal(await pool.start('no id'), 'failed');
});

/** Always busy. It takes a while to finish its calls after it stops accepting new ones. */
const BUSY = `
  process.removeAllListeners('SIGTERM');
  process.on('SIGTERM', () => setTimeout(() => process.exit(0), 100));`;

test('owners whose runs never end cannot block a third owner, or each other', async (t) => {
  const { pool, folder } = start(t, program(BUSY, 0), { maxProcesses: 2, holdMs: 0 });
  const [first, second] = [await pool.start(OWNER), await pool.start(OTHER)];
  // All of them retry, as their callers do.
  const third = await pool.start(THIRD);
  assert.ok(typeof third === 'object', 'the third is not served');
  const firstAgain = await pool.start(OWNER);
  assert.ok(typeof firstAgain === 'object', 'the owner that was served first gets no second turn');
  assert.equal(new Set([first, second, third, firstAgain].map(pathOf)).size, 4);
  assert.ok(pool.running().length <= 2, 'there are more processes than the maximum');
  assert.deepEqual(
    lists(folder).filter((name) => name.startsWith('ended')),
    [],
    'a process that made room exited normally',
  );
});

test('an owner that waits too long is answered with busy, keeps its place in line, and is served before later owners', async (t) => {
  const { pool } = start(t, program(BUSY, 0), { holdMs: 60_000, waitMs: 50 });
  await untilServed(pool, OWNER);
  assert.equal(await pool.start(OTHER), 'busy');
  assert.equal(await pool.start(THIRD), 'busy');
  assert.equal(pool.running().length, 1, 'a busy process is kept for a while');
  for (const child of pool.running()) child.kill('SIGTERM');
  await untilServed(pool, OTHER);
  assert.equal(await pool.start(THIRD), 'busy');
});

/** Retries, as callers do. */
async function untilServed(pool: ProbationPool, ownerId: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (typeof (await pool.start(ownerId)) === 'object') return;
  }
  assert.fail('it is not served');
}

function pathOf(started: StartedProbation): string {
  return typeof started === 'object' ? started.socketPath : started;
}
