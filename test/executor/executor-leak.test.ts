/** Tens of thousands of runs leave nothing behind: no memory, no descriptor, no live WebAssembly memory. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { suite, test, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadExamples } from '../../examples/load.ts';
import { guest } from '../../olin/conformance/guest.ts';
import { answer, compile, Scheduler, type CompiledModule } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { compile as compileText } from '../../sdk/wat/compile.ts';
import { atEnd } from '../setup/at-end.ts';
import { onPostgres } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';

const RUNS = 40_000;
const CALLS = 4000;
const AT_ONCE = 50;
const MIB = 1024 * 1024;
/** Address space that the engine reserves for one memory. */
const GIB_OF_MEMORY = 10;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/**
 * Resources that a leak would use up. `spaceGib` is address space: each live WebAssembly memory reserves gigabytes of
 * it.
 */
interface Use {
  readonly heapMib: number;
  readonly buffersMib: number;
  readonly rssMib: number;
  readonly spaceGib: number;
  readonly descriptors: number;
}

async function measure(): Promise<Use> {
  // Other threads release buffers and memories after the collection.
  for (let i = 0; i < 4; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { heapUsed, arrayBuffers, external, rss } = process.memoryUsage();
  const status = await readFile('/proc/self/status', 'utf8');
  return {
    heapMib: heapUsed / MIB,
    buffersMib: (arrayBuffers + external) / MIB,
    rssMib: rss / MIB,
    spaceGib: Number(/VmSize:\s+(\d+)/.exec(status)?.[1]) / MIB,
    descriptors: (await readdir('/proc/self/fd')).length,
  };
}

function expectNoGrowth(t: TestContext, before: Use, after: Use): void {
  const round = (use: Use): string =>
    Object.entries(use)
      .map(([name, value]) => `${name} ${Math.round(value * 10) / 10}`)
      .join(', ');
  t.diagnostic(`before: ${round(before)}`);
  t.diagnostic(`after:  ${round(after)}`);
  assert.ok(after.heapMib - before.heapMib < 4, 'the heap grew');
  assert.ok(after.buffersMib - before.buffersMib < 16, 'buffers are held');
  assert.ok(after.rssMib - before.rssMib < 150, 'the process grew');
  // Memories of concurrent runs are kept for later runs, per size, as many as happened to overlap. The hundreds of
  // memories that grew are not kept.
  const maxGib = 2 * AT_ONCE * GIB_OF_MEMORY;
  assert.ok(after.spaceGib - before.spaceGib < maxGib, 'WebAssembly memories are alive');
  assert.ok(after.descriptors - before.descriptors < 4, 'descriptors are open');
}

const skip = process.platform === 'linux' ? false : 'reads /proc';

test(`${RUNS} runs with every kind of end leave nothing behind`, { skip }, async (t) => {
  const hello = (await loadExamples()).find(({ name }) => name === 'hello-http');
  assert.ok(hello);
  const build = async (body: string): Promise<CompiledModule> => {
    const built = await compileText(guest(body));
    assert.ok(built.ok);
    return compile(built.module);
  };
  const usual = await compile(hello.module);
  const odd = [
    await build('unreachable'),
    await build('(loop $again (br $again))'),
    // A memory that grew is not reused.
    await build('(drop (memory.grow #3)) (call $show "Status: 204\\n\\n")'),
    await build('(drop (call $resource_open "zero://")) (call $runtime_msleep #1)'),
  ];
  const scheduler = new Scheduler({
    platform: nodePlatform,
    memoryPages: 16_384,
    queueLength: 1024,
  });
  let number = 0;
  const runOne = async (): Promise<void> => {
    number += 1;
    const module = number % 100 === 0 ? (odd[(number / 100) % odd.length] ?? usual) : usual;
    const ticket = await scheduler.admit('owner', 'handler', module.plan.initialPages);
    try {
      await answer(
        module,
        { method: 'GET', url: 'http://localhost/run/x/', headers: [['a', 'b']], body: null },
        { onHead: () => undefined, onBody: () => undefined },
        {
          platform: nodePlatform,
          abort: new AbortController(),
          scriptName: '/run/x',
          limits: { gas: 100_000 },
          turn: ticket.turn,
          grow: ticket.grow,
        },
      );
    } finally {
      ticket.release();
    }
  };
  const runAll = async (count: number): Promise<void> => {
    let left = count;
    const work = async (): Promise<void> => {
      while (left-- > 0) await runOne();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };
  await runAll(5000);
  const before = await measure();
  const began = performance.now();
  await runAll(RUNS);
  t.diagnostic(`${Math.round(RUNS / ((performance.now() - began) / 1000))} runs a second`);
  expectNoGrowth(t, before, await measure());
  assert.deepEqual([scheduler.running, scheduler.usedPages], [0, 0]);
});

suite('over sockets', { skip }, () => {
  const databases = onPostgres();

  test(`${CALLS} recorded calls leave nothing behind`, async (t) => {
    const db = await databases.migrated(t);
    const url = databases.url();
    if (db === undefined || url === undefined) return;
    const { origin, authors, run } = await startExecutor(t, db, {
      environment: { DATABASE_URL: url },
    });
    const body = '(call $show "Content-Type: text/plain\\n\\nhello")';
    await authors.deploy(await authors.make(2), { name: 'hello', body });
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    atEnd(t, () => agent.destroy());
    const call = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const onAnswer = (response: IncomingMessage): void => {
          response.resume();
          response.on('end', () => resolve(String(response.headers['trisiel-execution'])));
          response.on('error', reject);
        };
        get(`${origin}/run/hello/`, { agent }, onAnswer).on('error', reject);
      });
    const callAll = async (count: number): Promise<void> => {
      let left = count;
      let last = '';
      const work = async (): Promise<void> => {
        while (left-- > 0) last = await call();
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      await run(last);
    };
    await callAll(2000);
    const before = await measure();
    await callAll(CALLS);
    expectNoGrowth(t, before, await measure());
  });
});
