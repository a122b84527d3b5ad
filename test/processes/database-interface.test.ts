/** The contract of the database interface, for each implementation: types, errors, transactions, notifications. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sqlState } from '../../server/db/connection/database.ts';
import { onEveryDatabase } from '../setup/servers/databases.ts';

onEveryDatabase('the database interface', ({ empty }) => {
  test('values keep their types: times, bytes, numbers, nested JSON, null', async (t) => {
    const db = await empty(t);
    if (db === undefined) return;
    const at = new Date('2026-02-03T04:05:06.789Z');
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
    const json = { $: 'date', deep: [{ text: 'ü\u2028"', none: null }, 1.5, true, []], __proto: 1 };
    const values = [at, bytes, json, null, 'text \u{1f600}', 9_007_199_254_740_991, -0.5, false];
    const [row] = await db.query<Record<string, unknown>>(
      `select $1::timestamptz as at, $2::bytea as bytes, $3::jsonb as json, $4::text as none, $5::text as text,
              $6::bigint as big, $7::float8 as real, $8::bool as no, 12345678901::numeric as sum`,
      values,
    );
    assert.ok(row);
    const { bytes: got, ...rest } = row;
    assert.ok(got instanceof Uint8Array);
    assert.ok(Buffer.from(got).equals(bytes));
    assert.deepEqual(rest, {
      at,
      json,
      none: null,
      text: 'text \u{1f600}',
      big: 9_007_199_254_740_991,
      real: -0.5,
      no: false,
      sum: 12_345_678_901,
    });
    const lists = await db.query<object>(
      'select unnest($1::text[]) as name, unnest($2::int[]) as n, unnest($3::timestamptz[]) as at',
      [
        ['a', 'b,"c'],
        [1, null],
        [at, at],
      ],
    );
    assert.deepEqual(lists, [
      { name: 'a', n: 1, at },
      { name: 'b,"c', n: null, at },
    ]);
  });

  test('several statements without values return the rows of all', async (t) => {
    const db = await empty(t);
    if (db === undefined) return;
    assert.deepEqual(await db.execute(`select 1 as n; select 2 as n`), [{ n: 1 }, { n: 2 }]);
  });

  test('an error has its SQLSTATE and its constraint, and the next statement works', async (t) => {
    const db = await empty(t);
    if (db === undefined) return;
    await db.execute('create table things (id int constraint things_one primary key)');
    await db.query('insert into things values (1)');
    await assert.rejects(db.query('insert into things values (1)'), (error) => {
      assert.ok(error instanceof Error);
      assert.equal(sqlState(error), '23505');
      assert.equal('constraint' in error ? error.constraint : undefined, 'things_one');
      return true;
    });
    await assert.rejects(db.query('select nothing'), (error) => sqlState(error) === '42703');
    assert.deepEqual(await db.query('select id from things'), [{ id: 1 }]);
  });

  test('a text that begins a transaction and fails leaves no transaction open', async (t) => {
    const db = await empty(t);
    if (db === undefined) return;
    await db.execute('create table things (id int primary key)');
    await assert.rejects(
      db.execute('begin; insert into things values (1); select nothing; commit'),
      (error) => sqlState(error) === '42703',
    );
    // Both waited behind it.
    const [, rows] = await Promise.all([
      db.execute('insert into things values (2)'),
      db.query('select 1 as n'),
    ]);
    assert.deepEqual(rows, [{ n: 1 }]);
    assert.deepEqual(await db.query('select id from things order by id'), [{ id: 2 }]);
  });

  test('a transaction applies completely or not at all, and an error of its work is rethrown unchanged', async (t) => {
    const db = await empty(t);
    if (db === undefined) return;
    await db.execute('create table things (id int primary key)');
    const done = await db.transaction(async (tx) => {
      await tx.query('insert into things values ($1)', [1]);
      await tx.execute('insert into things values (2); insert into things values (3)');
      return 'done';
    });
    assert.equal(done, 'done');
    const own = new Error('the work’s own');
    const failing = db.transaction(async (tx) => {
      await tx.query('insert into things values (4)');
      throw own;
    });
    await assert.rejects(failing, (error) => error === own);
    const violating = db.transaction(async (tx) => {
      await tx.query('insert into things values (5)');
      await tx.query('insert into things values (1)');
    });
    await assert.rejects(violating, (error) => sqlState(error) === '23505');
    assert.deepEqual(await db.query('select id from things order by id'), [
      { id: 1 },
      { id: 2 },
      { id: 3 },
    ]);
  });

  test('concurrent transactions lose no update', async (t) => {
    const db = await empty(t);
    if (db === undefined) return;
    await db.execute('create table counts (n int); insert into counts values (0)');
    const add = (): Promise<void> =>
      db.transaction(async (tx) => {
        const [row] = await tx.query<{ n: number }>('select n from counts for update');
        await tx.query('update counts set n = $1', [(row?.n ?? 0) + 1]);
      });
    await Promise.all(Array.from({ length: 20 }, add));
    assert.deepEqual(await db.query('select n from counts'), [{ n: 20 }]);
  });

  test('notifications reach all listeners of a channel after the commit, until they stop listening', async (t) => {
    const db = await empty(t);
    if (db === undefined) return;
    const heard: string[] = [];
    const both = Promise.withResolvers<void>();
    const hear = (who: string) => (payload: string) => {
      heard.push(`${who} ${payload}`);
      if (heard.length === 2) both.resolve();
    };
    const stops = [await db.listen('news', hear('one')), await db.listen('news', hear('two'))];
    await db.query('select pg_notify($1, $2)', ['others', 'none of theirs']);
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query('select pg_notify($1, $2)', ['news', 'rolled back']);
        throw new Error('undone');
      }),
    );
    await db.transaction((tx) => tx.query('select pg_notify($1, $2)', ['news', 'first']));
    await both.promise;
    assert.deepEqual(heard.sort(), ['one first', 'two first']);
    for (const stop of stops) await stop();
    await db.query('select pg_notify($1, $2)', ['news', 'second']);
    await db.query('select 1');
    assert.equal(heard.length, 2);
  });
});
