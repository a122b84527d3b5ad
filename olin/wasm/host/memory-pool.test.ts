import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MemoryPool, type MemoryType } from './memory-pool.ts';

const type = (min: number, max?: number): MemoryType => ({
  min,
  ...(max === undefined ? {} : { max }),
  is64: false,
});

/** Takes so many memories of a type together, and gives them back. */
function use(pool: MemoryPool, of: MemoryType, count: number): void {
  const shelf = pool.shelf(of);
  for (const memory of Array.from({ length: count }, () => shelf.take())) shelf.give(memory);
}

test('memories are kept up to a number, however little they hold, since each reserves addresses', () => {
  const pool = new MemoryPool();
  for (let max = 2; max < 12; max++) use(pool, type(1, max), 100);
  assert.equal(pool.count, 256);
  assert.equal(pool.bytes, 256 * 65_536);
});

test('a memory without pages is not kept', () => {
  const pool = new MemoryPool();
  use(pool, type(0), 10);
  assert.deepEqual([pool.count, pool.bytes], [0, 0]);
});

test('those that nobody takes any more make room for those in use', () => {
  const pool = new MemoryPool();
  use(pool, type(1, 2), 256);
  const shelf = pool.shelf(type(1, 3));
  const memory = shelf.take();
  shelf.give(memory);
  assert.equal(shelf.take(), memory);
  assert.equal(pool.count, 255);
  // Those of the old type that are left can still be taken.
  use(pool, type(1, 2), 256);
});

test('what was written is gone, and one that grew is not given to another', () => {
  const pool = new MemoryPool();
  const shelf = pool.shelf(type(1));
  const memory = shelf.take();
  new Uint8Array(memory.buffer).fill(7);
  shelf.give(memory);
  const again = shelf.take();
  assert.equal(again, memory);
  assert.ok(new Uint8Array(again.buffer).every((byte) => byte === 0));
  again.grow(1);
  shelf.give(again);
  assert.equal(pool.count, 0);
});

test('clearing gives all of them up', () => {
  const pool = new MemoryPool();
  use(pool, type(1), 20);
  pool.clear();
  assert.deepEqual([pool.count, pool.bytes], [0, 0]);
  assert.equal(pool.shelf(type(1)).take().buffer.byteLength, 65_536);
});
