/** Executions: pages, filters, details, usage by day, and the live tail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeExecutions, type NewExecution } from '../../../server/db/runs/executions.ts';
import { makeAuthor, run, waitFor } from '../../setup/api-runs.ts';
import { field, signInAs, textField, type Reply } from '../../setup/servers/api-server.ts';
import { onEachDatabase } from '../../setup/servers/databases.ts';

onEachDatabase('executions', (databases) => {
  test('with a response of 500 are found by their status class, and count as failures in statistics and usage', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db, api } = world;
    const startedAt = api.clock();
    const statuses = [200, 204, 302, 404, 499, 500, 503, null];
    const runs = statuses.map((httpStatus) =>
      run(world, { httpStatus, status: httpStatus === null ? 'stopped' : 'succeeded', startedAt }),
    );
    await db.transaction((tx) => writeExecutions(tx, runs));
    const found: unknown[] = [];
    for (const http of ['2xx', '3xx', '4xx', '5xx']) {
      const page = JSON.parse((await author.send('GET', `/api/executions?http=${http}`)).text);
      found.push(page.items.map((each: { httpStatus: number }) => each.httpStatus).toSorted());
    }
    assert.deepEqual(found, [[200, 204], [302], [404, 499], [500, 503]]);
    const figures = await author.send('GET', '/api/statistics?handler=target');
    const totals = field(figures.body, 'totals');
    assert.deepEqual([field(totals, 'runs'), field(totals, 'failures')], [8, 3]);
    const { days } = JSON.parse((await author.send('GET', '/api/usage')).text);
    assert.deepEqual([days[0].runs, days[0].failures], [8, 3]);
    assert.equal((await author.send('GET', '/api/executions?http=6xx')).status, 400);
  });

  test('are listed in pages, found by status, time and log text, and shown completely', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db } = world;
    const runs = Array.from({ length: 25 }, (_, i) =>
      run(world, {
        status: i % 5 === 0 ? 'stopped' : 'succeeded',
        log: [{ level: 6, text: i === 7 ? 'Needle 100%_\\ here' : `line ${i}`, atMs: 1 }],
        startedAt: new Date(Date.UTC(2026, 0, 1 + (i % 3), 12, i)),
      }),
    );
    await db.transaction((tx) => writeExecutions(tx, runs));
    const ids: string[] = [];
    let next: string | null = null;
    do {
      const page = await author.send(
        'GET',
        `/api/executions?limit=10${next === null ? '' : `&cursor=${next}`}`,
      );
      assert.equal(page.status, 200, page.text);
      const { items, next: after } = JSON.parse(page.text);
      ids.push(...items.map(({ id }: { id: string }) => id));
      next = after;
    } while (next !== null);
    assert.deepEqual(
      ids,
      runs
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
    const count = async (query: string): Promise<number> =>
      JSON.parse((await author.send('GET', `/api/executions?limit=100&${query}`)).text).items
        .length;
    assert.equal(await count('status=stopped'), 5);
    assert.equal(await count('text=needle'), 1);
    assert.equal(
      await count(`text=${encodeURIComponent('100%_\\')}`),
      1,
      'special characters of LIKE are literal',
    );
    assert.equal(await count('since=2026-01-02T00:00:00Z&until=2026-01-03T00:00:00Z'), 8);
    assert.equal(await count('handler=target'), 25);
    assert.equal(await count(`call=${runs[0]?.callId}`), 1, 'the attempts of one call');

    const full = await author.send('GET', `/api/executions/${runs[0]?.id}`);
    assert.equal(full.status, 200, full.text);
    assert.deepEqual(field(full.body, 'output'), { text: 'hello', base64: 'aGVsbG8=' });
    assert.deepEqual(field(full.body, 'calls'), { log_write: 2 });

    const usage = await author.send('GET', '/api/usage?from=2026-01-01&to=2026-01-31');
    const days = JSON.parse(usage.text).days.map(
      (each: { day: string; runs: number; failures: number; gas: number }) => [
        each.day,
        each.runs,
        each.failures,
        each.gas,
      ],
    );
    assert.deepEqual(days, [
      ['2026-01-01', 9, 2, 900],
      ['2026-01-02', 8, 1, 800],
      ['2026-01-03', 8, 2, 800],
    ]);
    const stranger = await signInAs(world.api, 'stranger');
    assert.equal((await stranger.send('GET', `/api/executions/${runs[0]?.id}`)).status, 404);
    assert.deepEqual(JSON.parse((await stranger.send('GET', '/api/executions')).text).items, []);
  });

  test('whose text search takes too long ask for a narrower filter, and other lists still load', async (t) => {
    const world = await makeAuthor(t, databases);
    // The embedded database cannot stop a statement; its searches end between two statements.
    if (world === undefined || world.db.kind === 'pglite') return;
    const { author, db } = world;
    const holding = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const held = db.transaction(async (tx) => {
      await tx.execute('lock table executions in access exclusive mode');
      holding.resolve();
      await goOn.promise;
    });
    await holding.promise;
    const search = (): Promise<Reply> => author.send('GET', '/api/executions?text=needle');
    const searches = Array.from({ length: 12 }, search);
    const under = async (): Promise<number> =>
      (
        await db.query(
          `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%from executions%'
             and datname = current_database() and pid <> pg_backend_pid()`,
        )
      ).length;
    await waitFor(async () => (await under()) > 0);
    const other = await signInAs(world.api, 'other');
    assert.equal((await other.send('GET', '/api/whoami')).status, 200, 'a connection is free');
    assert.ok((await under()) <= 1, 'one search per user at a time');
    const searched = await Promise.race(searches);
    goOn.resolve();
    await held;
    await Promise.all(searches);
    assert.deepEqual([searched.status, field(searched.body, 'code')], [422, 'search-too-wide']);
    assert.match(textField(searched.body, 'detail'), /Narrow the search with since and until/);
    assert.equal((await author.send('GET', '/api/executions?text=needle')).status, 200);
  });

  test('are counted once even if a batch is written again, and change from queued to finished', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { db, author } = world;
    const queued = run(world, { status: 'queued', gas: 0 });
    const done: NewExecution = { ...queued, status: 'succeeded', gas: 42 };
    for (const each of [queued, done, done, queued])
      await db.transaction((tx) => writeExecutions(tx, [each]));
    const shown = await author.send('GET', `/api/executions/${queued.id}`);
    assert.deepEqual([field(shown.body, 'status'), field(shown.body, 'gas')], ['succeeded', 42]);
    const usage = await author.send('GET', '/api/usage?from=2026-01-01&to=2026-01-31');
    assert.deepEqual(
      JSON.parse(usage.text).days.map((each: { runs: number; gas: number }) => [
        each.runs,
        each.gas,
      ]),
      [[1, 42]],
    );
  });

  test('are stored whatever a guest wrote: NUL, unpaired surrogates, binary data', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { db, author } = world;
    const one = run(world, {
      path: '/a\0b',
      log: [{ level: 99, text: 'a\0b\ud800c', atMs: 0 }],
      output: Uint8Array.of(0, 255, 254),
      trap: { code: 'trap', message: 'x\0', backtrace: ['f\ud800'] },
      trace: [{ name: 'log_write', args: [{ name: 'text', value: '\0' }], atMs: 1, tookMs: 0 }],
      urls: ['http://\0'],
    });
    await db.transaction((tx) => writeExecutions(tx, [one]));
    const shown = await author.send('GET', `/api/executions/${one.id}`);
    assert.equal(shown.status, 200, shown.text);
    assert.deepEqual(field(field(shown.body, 'output'), 'base64'), 'AP/+');
  });
});
