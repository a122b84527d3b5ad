/** `npm start` with the embedded database: effects of killed processes and of Ctrl-C. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { after, before, suite, test } from 'node:test';
import { callOnce, pause } from '../setup/servers/fault-load.ts';
import { childrenOf } from '../setup/servers/fault-world.ts';
import { startServer, untilReady, type StartedServer } from '../setup/servers/started-server.ts';

const PATIENCE_MS = 60_000;
/** The supervisor passes this flag to all its processes. */
const FAULT_AT_SIGNAL = `--import=data:text/javascript,${encodeURIComponent(
  "process.on('SIGUSR2', () => { throw new Error('a fault'); })",
)}`;

suite('processes at home', { skip: process.platform === 'linux' ? false : 'reads /proc' }, () => {
  let server: StartedServer;
  before(async () => {
    server = await startServer([FAULT_AT_SIGNAL, 'scripts/start.ts', '--processes', '1']);
    await untilReady(server.webOrigin);
  });
  after(() => server.stop());

  /** Finds the process of a kind. */
  async function find(kind: 'web' | 'guest'): Promise<number> {
    for (const pid of await childrenOf(server.child)) {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      if (environment.split('\0').includes(`TRISIEL_PROCESS=${kind}`)) return pid;
    }
    throw new Error(`there is no ${kind} process`);
  }

  const callExample = async (): Promise<string> => {
    const answer = await fetch(`${server.runOrigin}/run/hello-http/?name=Ada`);
    assert.equal(answer.status, 200);
    return answer.text();
  };

  const untilAnswers = async (): Promise<void> => {
    const until = performance.now() + PATIENCE_MS;
    while (!(await callExample().catch(() => undefined))) {
      assert.ok(performance.now() < until, 'no example answers');
      await pause(50);
    }
  };

  test('once the web origin is ready, handlers respond and their runs are recorded', async () => {
    assert.equal((await fetch(`${server.runOrigin}/readyz`)).status, 200);
    assert.equal(await callExample(), 'Hello, Ada!\n');
  });

  test('the process with the database and the documentation runs no handler', async () => {
    const sockets = async (kind: 'web' | 'guest'): Promise<string> =>
      readFile(`/proc/${await find(kind)}/cmdline`, 'latin1');
    assert.match(await sockets('web'), /programs\/web\.ts/);
    assert.match(await sockets('guest'), /programs\/guest\.ts/);
  });

  test('an executor process is killed: documentation and API respond throughout, and handlers soon again', async () => {
    const pages = ['/', '/panel/', '/api/openapi.json'];
    let isOver = false;
    let fetched = 0;
    const reading = (async () => {
      for (; !isOver; fetched++) {
        for (const page of pages) {
          const answer = await fetch(`${server.webOrigin}${page}`);
          assert.equal(answer.status, 200, page);
          await answer.text();
        }
      }
    })();
    reading.catch(() => undefined);
    const victim = await find('guest');
    process.kill(victim, 'SIGKILL');
    await untilAnswers();
    assert.notEqual(await find('guest'), victim);
    isOver = true;
    await reading;
    assert.ok(fetched > 0);
    await untilReady(server.runOrigin);
  });

  test('the only executor process has a fault: its replacement listens before it stops, so no call is refused', async () => {
    const victim = await find('guest');
    // Its response takes three seconds, and the process waits for it.
    const long = await fetch(`${server.runOrigin}/run/countdown/?from=15`);
    process.kill(victim, 'SIGUSR2');
    // A new connection per call, because a kept one may be closed just when it is used.
    const agent = new Agent({ keepAlive: false });
    const until = performance.now() + PATIENCE_MS;
    let called = 0;
    while ((await childrenOf(server.child)).includes(victim)) {
      await callOnce(`${server.runOrigin}/run/hello-http/`, agent);
      called += 1;
      assert.ok(performance.now() < until, 'it does not end');
    }
    assert.match(await long.text(), /Lift-off/);
    assert.ok(called > 5, `${called} calls`);
  });

  test('the web process is killed: handlers respond throughout, and their runs are recorded when it is back', async () => {
    // Cached from here on, because a handler that is not cached cannot be loaded during the outage.
    await callExample();
    const victim = await find('web');
    process.kill(victim, 'SIGKILL');
    const until = performance.now() + PATIENCE_MS;
    let called = 0;
    // These runs are only in the journal, because there is no database.
    for (; called < 20; called++) assert.equal(await callExample(), 'Hello, Ada!\n');
    await untilReady(server.runOrigin);
    assert.notEqual(await find('web'), victim);
    for (;;) {
      const text = await (await fetch(`${server.runOrigin}/metrics`)).text();
      const [ran, written] = [
        'trisiel_runs_total{status="succeeded",mode="sync"}',
        'trisiel_runs_written_total',
      ].map((name) =>
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(`${name} `))
            ?.split(' ')[1],
        ),
      );
      // The killed executor process left runs in its journal, which are written too.
      if (ran !== undefined && ran >= called && written !== undefined && written >= ran) break;
      assert.ok(performance.now() < until, `${written} of ${ran} runs were written`);
      await pause(100);
    }
    assert.equal((await fetch(`${server.webOrigin}/`)).status, 200);
  });

  test('one Ctrl-C, which a terminal sends to all processes, stops all of them', async () => {
    await untilReady(server.runOrigin);
    const children = await childrenOf(server.child);
    for (const pid of children) process.kill(pid, 'SIGINT');
    await pause(200);
    assert.deepEqual(
      await childrenOf(server.child),
      children,
      'a process did not wait for its stage',
    );
    server.child.kill('SIGINT');
    server.child.kill('SIGINT');
    const [code] = await once(server.child, 'exit');
    assert.equal(code, 0);
    for (const pid of children) assert.throws(() => process.kill(pid, 0), /ESRCH/);
  });

  test('processes exit if their supervisor is killed', async () => {
    const other = await startServer();
    const children = await childrenOf(other.child);
    assert.equal(children.length >= 2, true);
    other.child.kill('SIGKILL');
    await once(other.child, 'exit');
    const until = performance.now() + PATIENCE_MS;
    const lives = (pid: number): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (children.some(lives)) {
      assert.ok(performance.now() < until, 'a process continues without a supervisor');
      await pause(50);
    }
    await other.stop();
  });
});
