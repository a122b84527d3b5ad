/** What an operator fears, under load: killed processes, a database that goes away, a store that is gone. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rename, mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test, type TestContext } from 'node:test';
import { findFreePort } from '../scripts/free-port.ts';
import { startPostgres, type RunningPostgres } from '../scripts/postgres.ts';
import type { Database } from '../server/db/database.ts';
import { migrate, readMigrations } from '../server/db/migrate.ts';
import { openPostgres } from '../server/db/postgres.ts';
import { Sealer } from '../server/sealer.ts';
import { openFileStore } from '../server/store/files.ts';
import { Authors } from './executor-server.ts';

const START = new URL('../scripts/start.ts', import.meta.url).pathname;
/** The goal is 5 s; a machine that runs other tests too is given more. What it took is told. */
const RECOVERY_MS = 20_000;

/** A way to PostgreSQL that can be cut. */
async function startProxy(t: TestContext, target: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    port: address.port,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
  };
}

/** The processes that a process has started. */
async function childrenOf({ pid }: ChildProcess): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

/** Calls without pause until it is stopped, and counts what was acknowledged. */
class Load {
  readonly acknowledged: string[] = [];
  readonly failures: string[] = [];
  lastAnswerAt = 0;
  #isOver = false;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #done: Promise<unknown>;

  constructor(url: string) {
    this.#done = Promise.all(Array.from({ length: 8 }, () => this.#callOn(url)));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
    this.#agent.destroy();
  }

  async #callOn(url: string): Promise<void> {
    while (!this.#isOver) {
      try {
        this.acknowledged.push(await callOnce(url, this.#agent));
        this.lastAnswerAt = performance.now();
      } catch (error) {
        this.failures.push(String(error));
        await pause(20);
      }
    }
  }
}

/** The execution's id, once the answer is whole. */
function callOnce(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () => {
        const id = answer.headers['trisiel-execution'];
        if (answer.statusCode === 200 && answer.complete) resolve(String(id));
        else reject(new Error(`status ${answer.statusCode}`));
      });
    }).on('error', reject);
  });
}

/** Ends with the test, failed or not. */
function startLoad(t: TestContext, url: string): Load {
  const load = new Load(url);
  t.after(() => load.stop());
  return load;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

suite('faults under load', { skip: process.platform === 'linux' ? false : 'reads /proc' }, () => {
  let server: RunningPostgres | { readonly reason: string } = { reason: 'not started' };
  before(async () => {
    server = await startPostgres();
    if ('url' in server) {
      const db = openPostgres({ url: server.url, pool: 1 });
      await migrate(db, await readMigrations());
      await db.close();
    }
  });
  after(() => ('stop' in server ? server.stop() : undefined));

  /** A supervisor with two executors, and a handler of an author who may run much. */
  async function startAll(t: TestContext) {
    if ('reason' in server) {
      t.skip(server.reason);
      return undefined;
    }
    const folder = await mkdtemp(join(tmpdir(), 'trisiel-faults-'));
    const proxy = await startProxy(t, Number(new URL(server.url).port));
    const key = randomBytes(32);
    const port = await findFreePort();
    const child = spawn(process.execPath, [START, '--role', 'executor', '--processes', '2'], {
      stdio: 'ignore',
      env: {
        ...process.env,
        DATA_DIR: folder,
        DATABASE_URL: server.url.replace(/:\d+\//, `:${proxy.port}/`),
        SECRET_KEYS: key.toString('base64'),
        RUN_PORT: String(port),
        LOG_LEVEL: 'silent',
      },
    });
    const db: Database = openPostgres({ url: server.url, pool: 2 });
    t.after(async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await db.close();
      await rm(folder, { recursive: true, force: true });
    });
    const store = openFileStore(join(folder, 'modules'));
    const authors = new Authors(db, store, new Sealer([key]), 'http://localhost:4000');
    const author = await authors.make(2);
    const name = `faults-${randomBytes(4).toString('hex')}`;
    const deploy = (text: string, sleepMs = 2): Promise<string> =>
      authors.deploy(author, {
        name,
        body: `(call $show "Content-Type: text/plain\\n\\n${text}") (call $runtime_msleep #${sleepMs})`,
      });
    await deploy('0');
    const origin = `http://127.0.0.1:${port}`;
    const until = performance.now() + 60_000;
    while (
      !(await fetch(`${origin}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      assert.ok(performance.now() < until, 'the executors did not become ready');
      await pause(100);
    }
    return { child, db, proxy, folder, deploy, url: `${origin}/run/${name}/`, author };
  }

  /** Every acknowledged run is in the database, once, and counted once in the usage. */
  async function expectAll(db: Database, ownerId: string, load: Load): Promise<void> {
    assert.ok(load.acknowledged.length > 50, `only ${load.acknowledged.length} were acknowledged`);
    assert.equal(new Set(load.acknowledged).size, load.acknowledged.length);
    const until = performance.now() + 30_000;
    for (;;) {
      const [row] = await db.query<{ n: number }>(
        'select count(*)::int as n from executions where id = any($1::uuid[])',
        [load.acknowledged],
      );
      if (row?.n === load.acknowledged.length) break;
      assert.ok(
        performance.now() < until,
        `${load.acknowledged.length} acknowledged, ${row?.n} on record`,
      );
      await pause(200);
    }
    const [sums] = await db.query<{ rows: number; usage: number }>(
      `select (select count(*)::int from executions where owner_id = $1) as rows,
         (select sum(runs)::int from usage_days where owner_id = $1) as usage`,
      [ownerId],
    );
    assert.equal(sums?.usage, sums?.rows, 'usage counts other than the rows');
  }

  test('kill -9 of executors: no acknowledged run is lost, and others answer soon', async (t) => {
    const all = await startAll(t);
    if (all === undefined) return;
    const load = startLoad(t, all.url);
    await pause(1500);
    for (let round = 0; round < 3; round++) {
      const [victim] = await childrenOf(all.child);
      assert.ok(victim);
      process.kill(victim, 'SIGKILL');
      const killedAt = performance.now();
      while (load.lastAnswerAt < killedAt + 500) {
        assert.ok(performance.now() - killedAt < RECOVERY_MS, 'nobody answered after the kill');
        await pause(50);
      }
      await pause(1000);
    }
    // All at once: the supervisor alone is left.
    for (const pid of await childrenOf(all.child)) process.kill(pid, 'SIGKILL');
    const killedAt = performance.now();
    while (load.lastAnswerAt < killedAt + 100) {
      assert.ok(performance.now() - killedAt < RECOVERY_MS, 'no recovery');
      await pause(50);
    }
    t.diagnostic(`answers again after ${Math.round(performance.now() - killedAt)} ms`);
    await pause(500);
    await load.stop();
    await expectAll(all.db, all.author.id, load);
  });

  test('PostgreSQL away and back: known handlers go on, and what they ran is written later', async (t) => {
    const all = await startAll(t);
    if (all === undefined) return;
    const load = startLoad(t, all.url);
    await pause(1000);
    all.proxy.cut();
    const cutAt = performance.now();
    await pause(3000);
    assert.ok(load.lastAnswerAt > cutAt + 2000, 'nothing answered while the database was away');
    all.proxy.mend();
    await pause(1500);
    await all.deploy('after');
    const until = performance.now() + RECOVERY_MS;
    while ((await (await fetch(all.url)).text()) !== 'after') {
      assert.ok(performance.now() < until, 'a deploy was not seen after the return');
      await pause(50);
    }
    await load.stop();
    assert.deepEqual(load.failures, []);
    await expectAll(all.db, all.author.id, load);
  });

  test('the object store gone and a deploy every second: the old version goes on', async (t) => {
    const all = await startAll(t);
    if (all === undefined) return;
    const load = startLoad(t, all.url);
    for (const text of ['1', '2', '3']) {
      await all.deploy(text);
      await pause(1000);
    }
    await rename(join(all.folder, 'modules'), join(all.folder, 'away'));
    await pause(1500);
    await rm(join(all.folder, 'modules'), { recursive: true, force: true });
    await rename(join(all.folder, 'away'), join(all.folder, 'modules'));
    await all.deploy('4');
    const until = performance.now() + RECOVERY_MS;
    while ((await (await fetch(all.url)).text()) !== '4') {
      assert.ok(performance.now() < until, 'a deploy was not seen');
      await pause(50);
    }
    await load.stop();
    assert.deepEqual(load.failures, []);
    await expectAll(all.db, all.author.id, load);
  });

  test('SIGTERM drains: no call fails that was begun', async (t) => {
    const all = await startAll(t);
    if (all === undefined) return;
    await all.deploy('slow', 1500);
    await pause(1000);
    const begun = Promise.all(Array.from({ length: 50 }, () => callOnce(all.url, new Agent())));
    await pause(700);
    all.child.kill('SIGTERM');
    const outcome = await begun.then(
      (ids) => ids.length,
      (error: unknown) => String(error),
    );
    assert.equal(outcome, 50);
    await once(all.child, 'exit');
  });
});
