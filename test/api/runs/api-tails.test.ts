/** Executions followed live: in order, by filter, and resumed after a break. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Database } from '../../../server/db/connection/database.ts';
import { writeExecutions } from '../../../server/db/runs/executions.ts';
import { makeAuthor, openTail, run, waitFor } from '../../setup/api-runs.ts';
import { field, signInAs, startApi } from '../../setup/servers/api-server.ts';
import { onEachDatabase } from '../../setup/servers/databases.ts';

onEachDatabase('live tails', (databases) => {
  test('executions are followed with a delay if LISTEN does not work', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db, api } = world;
    let refusals = 0;
    const deaf: Database = {
      ...db,
      listen: async () => {
        refusals += 1;
        throw Object.assign(new Error('timeout expired'), { code: 'ETIMEDOUT' });
      },
    };
    const second = await startApi(t, deaf, { sealer: api.sealer });
    const watcher = await signInAs(second, 'author');
    const tail = await openTail(t, second, watcher, '');
    await waitFor(async () => refusals > 1);
    const one = run(world, {});
    await db.transaction((tx) => writeExecutions(tx, [one]));
    await tail.until(1);
    assert.deepEqual(tail.ids, [one.id]);
    assert.equal(author.userId, watcher.userId);
  });

  test('executions arrive in order and filtered, and none is missed after a reconnect', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db } = world;
    await db.transaction((tx) => writeExecutions(tx, [run(world, {})]));
    await olderThanAllTransactions(db);
    const all = await openTail(t, world.api, author, '');
    const stopped = await openTail(t, world.api, author, '?status=stopped&handler=target');
    const wanted: string[] = [];
    for (let batch = 0; batch < 30; batch += 1) {
      const runs = Array.from({ length: 10 }, (_, i) =>
        run(world, { status: i === 0 ? 'stopped' : 'succeeded' }),
      );
      // Within one batch, in order of id.
      wanted.push(...runs.map(({ id }) => id).toSorted());
      await db.transaction((tx) => writeExecutions(tx, runs));
    }
    await all.until(300);
    assert.deepEqual(all.ids, wanted, 'each once, in order, and none from before');
    await stopped.until(30);
    assert.equal(stopped.ids.length, 30);
    all.close();
    const missed = run(world, {});
    await db.transaction((tx) => writeExecutions(tx, [missed]));
    const again = await openTail(t, world.api, author, '', all.lastId());
    await again.until(1);
    assert.deepEqual(again.ids, [missed.id]);
  });

  test('executions of a transaction that commits late are not missed', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined || world.db.kind === 'pglite') return;
    const { author, db } = world;
    const tail = await openTail(t, world.api, author, '');
    const late = run(world, {});
    // On another day, so that the two transactions do not wait for the same usage row.
    const early = run(world, { startedAt: new Date(Date.UTC(2026, 0, 11)) });
    await db.transaction(async (slow) => {
      await writeExecutions(slow, [late]);
      await db.transaction((tx) => writeExecutions(tx, [early]));
    });
    await tail.until(2);
    assert.deepEqual(new Set(tail.ids), new Set([late.id, early.id]));
  });

  test('a user can open a limited number of tails, which end and free their resources when the server stops', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, api } = world;
    const tails = await Promise.all(Array.from({ length: 8 }, () => openTail(t, api, author, '')));
    const refused = await author.send('GET', '/api/executions/tail');
    assert.deepEqual([refused.status, field(refused.body, 'code')], [429, 'too-many-requests']);
    tails[0]?.close();
    await waitFor(async () =>
      (await author.send('GET', '/metrics')).text.includes('trisiel_api_tails 7'),
    );
    await api.close();
    await Promise.all(tails.map(({ ended }) => ended));
  });
});

/**
 * Waits until no transaction is older than the executions. A tail begins at the oldest one, and on a server that tests
 * share this may be a transaction of another test.
 */
async function olderThanAllTransactions(db: Database): Promise<void> {
  for (;;) {
    const [row] = await db.query<{ isOlder: boolean }>(
      `select not exists (select from executions where written_by >= pg_snapshot_xmin(pg_current_snapshot())) as "isOlder"`,
    );
    if (row?.isOlder === true) return;
    await setTimeout(20);
  }
}
