/** How many executions a search reads for a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, Queryable } from '../../../server/db/connection/database.ts';
import type { ExecutionPage } from '../../../server/db/runs/execution-reads.ts';
import { listExecutions } from '../../../server/db/runs/execution-search.ts';
import { writeExecutions } from '../../../server/db/runs/executions.ts';
import { makeAuthor, run } from '../../setup/api-runs.ts';
import { onOneDatabase } from '../../setup/servers/databases.ts';

const RUNS = 3000;
const MINUTE_MS = 60_000;

onOneDatabase('a filter of executions', (databases) => {
  test('finds rare outcomes and old times without reading all runs in between', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db } = world;
    const newest = Date.UTC(2026, 0, 20);
    // One run per minute. Every 500th fails, and every 750th has the status 404.
    const runs = Array.from({ length: RUNS }, (_, i) =>
      run(world, {
        status: i % 500 === 499 ? 'failed' : 'succeeded',
        httpStatus: i % 750 === 7 ? 404 : 200,
        startedAt: new Date(newest - i * MINUTE_MS),
      }),
    );
    await writeExecutions(db, runs);
    let statements = 0;
    const counted = counting(db, () => (statements += 1));
    const list = async (filter: Partial<ExecutionPage>): Promise<string[]> => {
      statements = 0;
      const found = await listExecutions(counted, { ownerId: author.userId, limit: 4, ...filter });
      assert.ok(statements <= 2, `${JSON.stringify(filter)} took ${statements} statements`);
      return found.map(({ id }) => id);
    };
    const idsOf = (...positions: number[]): (string | undefined)[] =>
      positions.map((at) => runs[at]?.id);
    assert.deepEqual(await list({ status: 'failed' }), idsOf(499, 999, 1499, 1999));
    const after = runs[1999]?.id;
    assert.deepEqual(await list({ status: 'failed', after }), idsOf(2499, 2999));
    assert.deepEqual(await list({ status: 'interrupted' }), []);
    assert.deepEqual(await list({ httpClass: 4 }), idsOf(7, 757, 1507, 2257));
    const until = new Date(newest - 2750 * MINUTE_MS);
    const since = new Date(until.getTime() - 2 * MINUTE_MS);
    assert.deepEqual(await list({ since, until }), idsOf(2751, 2752));
    assert.deepEqual(await list({ callId: runs[77]?.id, status: 'succeeded' }), idsOf(77));
  });
});

function counting(db: Database, count: () => void): Database {
  const counted = (on: Queryable): Queryable => ({
    query(text, values) {
      count();
      return on.query(text, values);
    },
    execute: (text) => on.execute(text),
  });
  return {
    ...db,
    ...counted(db),
    transaction: (work) => db.transaction((tx) => work(counted(tx))),
  };
}
