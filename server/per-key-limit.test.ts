import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PerKeyLimit } from './per-key-limit.ts';

test('a user at the limit does not block others, and ending twice frees only one place', () => {
  const limit = new PerKeyLimit();
  const enter = (key: string) => limit.enter(key, 2, 3);
  const first = enter('ada');
  enter('ada');
  assert.equal(enter('ada'), 'key-limit');
  assert.equal(typeof enter('bob'), 'function');
  assert.equal(enter('cyd'), 'total-limit');
  assert.ok(typeof first === 'function');
  first();
  first();
  assert.deepEqual([limit.countOf('ada'), limit.total], [1, 2]);
  assert.equal(typeof enter('cyd'), 'function');
});
