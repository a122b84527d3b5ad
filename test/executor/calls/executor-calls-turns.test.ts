/** Which asynchronous calls are accepted, and in which order they run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onOneDatabase } from '../../setup/servers/databases.ts';
import { startExecutor } from '../../setup/servers/executor-server.ts';
import { environmentOf, follow, isOver, read, say } from '../../setup/followed-calls.ts';

onOneDatabase('waiting asynchronous calls', (databases) => {
  test('an owner with many slow calls does not delay the calls of another', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const environment = environmentOf(databases.url());
    const { origin, authors, close } = await startExecutor(t, db, environment);
    const [greedy, modest] = [await authors.make(2), await authors.make(2)];
    const body = `(call $runtime_msleep #5000) ${say('slow')}`;
    await authors.deploy(greedy, { name: 'slow', mode: 'async', body });
    await authors.deploy(modest, { name: 'quick', mode: 'async', body: say('quick') });
    await Promise.all(Array.from({ length: 24 }, () => fetch(`${origin}/run/slow`)));
    const { id } = await read(await fetch(`${origin}/run/quick`));
    assert.equal((await follow(`${origin}/executions/${id}`, isOver)).status, 'succeeded');
    // The waiting calls need not run for this test.
    const left = await db.query(
      `update calls set status = 'cancelled' where owner_id = $1 and status = 'queued' returning id`,
      [greedy.id],
    );
    // Running calls end while the database is available.
    await close();
    assert.ok(left.length > 8, `only ${left.length} of the slow calls waited`);
  });

  test('a call to an owner at the limit of concurrent runs is accepted, and runs later', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, environmentOf(databases.url()));
    const author = await authors.make(1);
    await authors.deploy(author, {
      name: 'busy',
      body: `${say('begun')} (call $runtime_msleep #9000)`,
    });
    await authors.deploy(author, { name: 'later', mode: 'async', body: say('done') });
    const leave = new AbortController();
    const busy = await Promise.all(
      Array.from({ length: 16 }, () => fetch(`${origin}/run/busy`, { signal: leave.signal })),
    );
    assert.ok(busy.every(({ status }) => status === 200));
    assert.equal((await fetch(`${origin}/run/busy`)).status, 429);
    const sent = await fetch(`${origin}/run/later`);
    assert.equal(sent.status, 202);
    leave.abort();
    const view = await follow(`${origin}/executions/${(await read(sent)).id}`, isOver);
    assert.deepEqual([view.status, view.attempts.length], ['succeeded', 1]);
  });

  test('a page of another origin may call an async handler, and its preflight is not a call', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, environmentOf(databases.url()));
    await authors.deploy(await authors.make(), { name: 'paged', mode: 'async', body: say('x') });
    const page = { origin: 'https://elsewhere.example' };
    const asked = await fetch(`${origin}/run/paged`, {
      method: 'OPTIONS',
      headers: {
        ...page,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type, idempotency-key',
      },
    });
    assert.equal(asked.status, 204);
    assert.equal(asked.headers.get('access-control-allow-origin'), page.origin);
    assert.equal(
      asked.headers.get('access-control-allow-headers'),
      'content-type, idempotency-key',
    );
    assert.deepEqual(await db.query('select id from calls'), []);
    const sent = await fetch(`${origin}/run/paged`, { method: 'POST', headers: page, body: '{}' });
    assert.equal(sent.status, 202);
    assert.equal(sent.headers.get('access-control-allow-origin'), '*');
    await follow(`${origin}/executions/${(await read(sent)).id}`, isOver);
  });

  test('calls above the owner’s limit of waiting calls are refused until some have ended', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, environmentOf(databases.url()));
    const [flooded, other] = [await authors.make(2), await authors.make(2)];
    await authors.deploy(flooded, { name: 'flooded', mode: 'async', body: say('x') });
    await authors.deploy(other, { name: 'other', mode: 'async', body: say('x') });
    const { id } = await read(await fetch(`${origin}/run/flooded`));
    await follow(`${origin}/executions/${id}`, isOver);
    // Created just now, so the queue, which does not have them, does not recover them yet.
    await db.query(
      `insert into calls (id, handler_id, handler_name, owner_id, is_private, method, url, script_name, headers, body,
         remote_address, request_digest, updated_at)
       select gen_random_uuid(), handler_id, handler_name, owner_id, is_private, method, url, script_name, headers, body,
         remote_address, request_digest, now() + interval '1 hour' from calls, generate_series(1, 1000) where id = $1`,
      [id],
    );
    const refused = await fetch(`${origin}/run/flooded`, { method: 'POST', body: 'x' });
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '10']);
    const until = performance.now() + 30_000;
    const figure = async (): Promise<string | undefined> =>
      /^trisiel_calls_open (.*)$/m.exec(await (await fetch(`${origin}/metrics`)).text())?.[1];
    while ((await figure()) !== '1000') {
      assert.ok(performance.now() < until, 'the metrics do not show that they pile up');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const free = await fetch(`${origin}/run/other`);
    assert.equal(free.status, 202);
    await follow(`${origin}/executions/${(await read(free)).id}`, isOver);
    await db.query(`update calls set status = 'cancelled' where owner_id = $1`, [flooded.id]);
    assert.equal((await fetch(`${origin}/run/flooded`)).status, 202);
  });
});
