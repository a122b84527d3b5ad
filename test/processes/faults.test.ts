/** Faults under load: killed processes, a database outage, a stop during active calls. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { suite, test } from 'node:test';
import { atEnd } from '../setup/at-end.ts';
import { AsyncLoad, callOnce, pause, RECOVERY_MS, startLoad } from '../setup/servers/fault-load.ts';
import {
  childrenOf,
  expectAll,
  expectAllCalls,
  startFaultWorld,
} from '../setup/servers/fault-world.ts';
import { useOwnPostgres } from '../setup/servers/own-postgres.ts';

suite('faults under load', { skip: process.platform === 'linux' ? false : 'reads /proc' }, () => {
  const postgres = useOwnPostgres();

  test('kill -9 of executors: no acknowledged run or call is lost, no attempt runs twice, and others respond soon', async (t) => {
    const server = postgres(t);
    if (server === undefined) return;
    const world = await startFaultWorld(t, server.url);
    const { authors, author, origin, child, url } = world;
    const later = `${world.name}-later`;
    await authors.deploy(author, {
      name: later,
      body: '(call $runtime_msleep #300) (call $show "Content-Type: text/plain\\n\\nx")',
    });
    const load = startLoad(t, url);
    const calls = new AsyncLoad(`${origin}/run/${later}/`);
    atEnd(t, () => calls.stop());
    await load.isKnown();
    await pause(1000);
    const recoveries: number[] = [];
    for (let round = 0; round < 3; round++) {
      const [victim] = await childrenOf(child);
      assert.ok(victim);
      process.kill(victim, 'SIGKILL');
      recoveries.push(await load.answersAfter(performance.now()));
      await pause(1000);
    }
    // All at once: only the supervisor is left.
    for (const pid of await childrenOf(child)) process.kill(pid, 'SIGKILL');
    // Responses on their way to this process may still arrive.
    recoveries.push(await load.answersAfter(performance.now() + 50));
    t.diagnostic(`answers again after ${recoveries.map(Math.round).join(', ')} ms`);
    await pause(500);
    await Promise.all([load.stop(), calls.stop()]);
    await expectAll(t, world, load.acknowledged);
    await expectAllCalls(t, world, calls.accepted);
  });

  test('PostgreSQL stopped and started: cached handlers continue, calls that cannot be stored get an error, and all runs are written later', async (t) => {
    const server = postgres(t);
    if (server === undefined) return;
    const world = await startFaultWorld(t, server.url);
    const load = startLoad(t, world.url);
    const calls = new AsyncLoad(world.url);
    atEnd(t, () => calls.stop());
    await load.isKnown();
    await pause(1000);
    await server.halt();
    const haltedAt = performance.now();
    const isReady = async (): Promise<boolean> => (await fetch(`${world.origin}/readyz`)).ok;
    while (await isReady()) {
      assert.ok(performance.now() - haltedAt < RECOVERY_MS, 'it stays ready without a database');
      await pause(50);
    }
    await pause(3000);
    await load.answersAfter(performance.now());
    await server.start();
    const startedAt = performance.now();
    await world.deploy('after');
    while (load.lastText !== 'after') {
      assert.ok(performance.now() - startedAt < RECOVERY_MS, 'a deploy was not seen');
      await pause(20);
    }
    t.diagnostic(
      `a deploy was seen ${Math.round(performance.now() - startedAt)} ms after the start`,
    );
    await pause(500);
    await Promise.all([load.stop(), calls.stop()]);
    const [connections] = await world.db.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'`,
    );
    // Two processes with a pool of ten, a queue's four and two that listen, and this test's own.
    assert.ok((connections?.n ?? 0) < 60, `${connections?.n} connections were made`);
    assert.deepEqual(load.failures, []);
    assert.ok(calls.refused.length > 0, 'no call was sent meanwhile');
    for (const { status, detail } of calls.refused) {
      assert.equal(status, 503, detail);
      assert.match(detail, /^[A-Z].*\.$/);
    }
    await expectAll(t, world, load.acknowledged);
    await expectAllCalls(t, world, calls.accepted);
  });

  test('SIGTERM drains: no call that has begun fails', async (t) => {
    const server = postgres(t);
    if (server === undefined) return;
    const world = await startFaultWorld(t, server.url);
    // Long enough that all sixty are active at the same time, even on a busy machine.
    await world.deploy('slow', 6000);
    while ((await callOnce(world.url, new Agent())).text !== 'slow');
    const begun = Promise.all(Array.from({ length: 60 }, () => callOnce(world.url, new Agent())));
    begun.catch(() => undefined);
    await untilRunning(world.origin, 60);
    world.child.kill('SIGTERM');
    const ids = (await begun).map(({ id }) => id);
    if (world.child.exitCode === null) await once(world.child, 'exit');
    const [count] = await world.db.query<{ n: number }>(
      'select count(*)::int as n from executions where id = any($1::uuid[])',
      [ids],
    );
    assert.equal(count?.n, 60, 'it ended before everything was written');
  });
});

/** Polls the metrics of all processes until the wanted number of runs is active. */
async function untilRunning(origin: string, wanted: number): Promise<void> {
  const until = performance.now() + RECOVERY_MS;
  for (;;) {
    const text = await (await fetch(`${origin}/metrics`)).text();
    const running = Number(/^trisiel_running (\d+)/m.exec(text)?.[1]);
    if (running === wanted) return;
    assert.ok(performance.now() < until, `${running} runs are under way`);
    await pause(20);
  }
}
