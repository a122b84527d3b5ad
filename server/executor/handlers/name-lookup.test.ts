import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Database } from '../../db/connection/database.ts';
import { ProblemError } from '../../problems/problems.ts';
import { NameLookup } from './name-lookup.ts';

/** A timeout longer than any test. */
const PATIENT_MS = 600_000;

function counted() {
  const statements: unknown[][] = [];
  let isAway = false;
  const db: Pick<Database, 'query'> = {
    async query<Row>(_text: string, values: readonly unknown[] = []) {
      const [names] = values;
      assert.ok(Array.isArray(names));
      statements.push(names);
      await setImmediate();
      if (isAway) throw new Error('away');
      return names
        .filter((name) => name === 'there')
        .map((name) => ({ name, ownerId: 'o', isPrivate: false })) as Row[];
    },
  };
  return { db, statements, setAway: (away: boolean) => void (isAway = away) };
}

test('a flood of unknown names costs the database one statement, not one per name', async () => {
  const { db, statements } = counted();
  const names = new NameLookup(db, 0);
  const first = names.find('first');
  const flood = Array.from({ length: 500 }, (_, i) => names.find(`nobody-${i}`));
  const [found, again] = [names.find('there'), names.find('there')];
  assert.equal(await first, undefined);
  assert.deepEqual(new Set(await Promise.all(flood)), new Set([undefined]));
  assert.deepEqual([(await found)?.ownerId, (await again)?.ownerId], ['o', 'o']);
  assert.deepEqual(
    statements.map(({ length }) => length),
    [1, 501],
  );
});

test('names looked up one after another wait for the pause, and too many waiting names are refused', async () => {
  const { db, statements } = counted();
  const names = new NameLookup(db, PATIENT_MS);
  await names.find('first');
  for (let i = 0; i < 10_000; i += 1) {
    names.find(`nobody-${i}`).catch(() => undefined);
    if (i % 1000 === 0) await setImmediate();
  }
  assert.equal(statements.length, 1);
  await assert.rejects(
    names.find('one-more'),
    (error) => error instanceof ProblemError && error.code === 'unavailable',
  );
});

test('a name is not reported as absent if the database does not answer', async () => {
  const { db, setAway } = counted();
  const names = new NameLookup(db, 0);
  setAway(true);
  await assert.rejects(names.find('there'), /away/);
  setAway(false);
  assert.equal((await names.find('there'))?.name, 'there');
});
