import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MemoryPool, type MemoryType } from './memory-pool.ts';

const type = (min: number, max?: number): MemoryType => ({
  min,
  ...(max === undefined ? {} : { max }),
  is64: false,
});

/** Takes `count` memories of a type, then returns them. */
function use(pool: MemoryPool, of: MemoryType, count: number): void {
  const shelf = pool.shelf(of);
  for (const memory of Array.from({ length: count }, () => shelf.take())) shelf.give(memory);
}

test('the number of pooled memories is limited, because each reserves address space', () => {
  const pool = new MemoryPool();
  for (let max = 2; max < 12; max++) use(pool, type(1, max), 100);
  assert.equal(pool.count, 256);
  assert.equal(pool.bytes, 256 * 65_536);
});

test('an empty memory is not pooled', () => {
  const pool = new MemoryPool();
  use(pool, type(0), 10);
  assert.deepEqual([pool.count, pool.bytes], [0, 0]);
});

test('memories of unused types are dropped in favour of types in use', () => {
  const pool = new MemoryPool();
  use(pool, type(1, 2), 256);
  const shelf = pool.shelf(type(1, 3));
  const memory = shelf.take();
  shelf.give(memory);
  assert.equal(shelf.take(), memory);
  assert.equal(pool.count, 255);
  // The remaining memories of the old type can still be taken.
  use(pool, type(1, 2), 256);
});

test('a pooled memory is zeroed, and a memory that grew is not reused', () => {
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

test('clearing empties the pool', () => {
  const pool = new MemoryPool();
  use(pool, type(1), 20);
  pool.clear();
  assert.deepEqual([pool.count, pool.bytes], [0, 0]);
  assert.equal(pool.shelf(type(1)).take().buffer.byteLength, 65_536);
});
