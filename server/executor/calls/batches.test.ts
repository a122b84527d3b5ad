import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batches } from './batches.ts';

test('calls that come while a statement is under way share the next one, and each gets its own result', async () => {
  const batches: (readonly number[])[] = [];
  const doubling = new Batches<number, number>(async (items) => {
    batches.push(items);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return items.map((item) => item * 2);
  });
  const first = doubling.add(1);
  while (batches.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const others = Promise.all([2, 3, 4].map((item) => doubling.add(item)));
  assert.equal(await first, 2);
  assert.deepEqual(await others, [4, 6, 8]);
  assert.deepEqual(batches, [[1], [2, 3, 4]]);
  await doubling.idle();
  assert.equal(await doubling.add(5), 10, 'a call that comes later is not left waiting');
});

test('a call whose row the database refuses takes no other call with it; an outage fails all that were sent', async () => {
  let isAway = false;
  const writing = new Batches<string, string>(async (items) => {
    if (isAway) throw Object.assign(new Error('connection lost'), { code: 'ECONNRESET' });
    if (items.includes('bad')) throw Object.assign(new Error('refused'), { code: '22P02' });
    return items;
  });
  const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((item) => writing.add(item)));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  isAway = true;
  const lost = await Promise.allSettled(['a', 'b'].map((item) => writing.add(item)));
  assert.ok(lost.every(({ status }) => status === 'rejected'));
});
