/** Faults of a probation process are held against what ran in it; an idle one ends, and nothing is held against it. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, test, type TestContext } from 'node:test';
import { atEnd } from '../../../test/setup/at-end.ts';
import { ProbationPool, type ProbationPoolOptions } from './probation-pool.ts';

const onLinux = { skip: process.platform !== 'linux' };
const OWNER = '018f3a5c-0000-7000-8000-000000000001';
const OTHER = '018f3a5c-0000-7000-8000-000000000002';

/** A process that lists a run, listens, says that it is idle since long ago, and then does something. */
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
  /** Resolves at the first fault, with the names of the lists that are kept. */
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

/** Until the process of an owner is gone. Timers of the pool may be mocked. */
async function untilEmpty(pool: ProbationPool): Promise<void> {
  while (pool.running().length > 0) await new Promise((resolve) => setImmediate(resolve));
}

test('a process that hangs is ended, and what ran in it is kept as hung', onLinux, async (t) => {
  const patience = { cpuMs: 300, blockedMs: 60_000, wallMs: 60_000, pollMs: 20 };
  const { pool, fault } = start(t, program('setTimeout(() => { for (;;); }, 50);'), { patience });
  assert.ok(typeof (await pool.start(OWNER)) === 'object');
  const awake = setInterval(() => undefined, 1000);
  atEnd(t, () => clearInterval(awake));
  const [kept, ...others] = await fault;
  assert.match(kept ?? '', new RegExp(`^ended-\\d+-hung-${OWNER}$`));
  assert.deepEqual(others, []);
});

test(
  'a process past its memory is ended, and what ran in it is kept as such',
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

test('a process that crashes is not replaced by itself, and its owner gets a new one', async (t) => {
  const { pool, fault } = start(t, program('setTimeout(() => process.abort(), 50);'), {});
  assert.ok(typeof (await pool.start(OWNER)) === 'object');
  assert.match((await fault).join(), new RegExp(`^ended-\\d+-crashed-${OWNER}$`));
  assert.equal(pool.running().length, 0);
  assert.ok(typeof (await pool.start(OWNER)) === 'object');
});

test('a process without calls is stopped after a while, and nothing is held against it', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  atEnd(t, () => mock.timers.reset());
  const { pool, folder } = start(t, program(''), { idleMs: 500_000 });
  assert.ok(typeof (await pool.start(OWNER)) === 'object');
  assert.equal(lists(folder).length, 1);
  mock.timers.tick(15_000);
  await untilEmpty(pool);
  // It has exited in order: its list is dropped and none is kept as ended.
  while (lists(folder).length > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(lists(folder), []);
});

test('a busy process keeps its place, and an idle one makes room for another owner', async (t) => {
  const busy = start(t, program('', 0), { minIdleMs: 1000 });
  assert.ok(typeof (await busy.pool.start(OWNER)) === 'object');
  assert.equal(await busy.pool.start(OTHER), 'busy');
  assert.equal(busy.pool.running().length, 1);

  const idle = start(t, program(''), { minIdleMs: 1000 });
  assert.ok(typeof (await idle.pool.start(OWNER)) === 'object');
  assert.ok(typeof (await idle.pool.start(OTHER)) === 'object');
  assert.equal(idle.pool.running().length, 1);
  assert.equal(lists(idle.folder).length, 1, 'the first one ended in order');
  assert.equal(await idle.pool.start('no id'), 'failed');
});
