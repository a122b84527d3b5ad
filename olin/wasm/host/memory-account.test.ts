import assert from 'node:assert/strict';
import { test } from 'node:test';

import { meter } from '../meter.ts';
import { readPlan } from '../plan.ts';
import { buildWat, startMetered } from '../testdata/start-metered.ts';

test('memories grow up to their common limit, and a growth past it returns -1', () => {
  const { gauge, limits, call } = startMetered(
    `(module (memory $a 1) (memory $b i64 2) (table $t 1 funcref)
      (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
      (func (export "b") (param i32) (result i32)
        (i32.wrap_i64 (memory.grow $b (i64.extend_i32_s (local.get 0)))))
      (func (export "t") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0))))`,
  );
  assert.equal(gauge.peakMemoryPages, 3);
  assert.equal(call('a', 3), 1);
  assert.equal(gauge.peakMemoryPages, 6);
  assert.equal(gauge.used, 2 + 3 * 8192);
  assert.equal(call('b', 11), -1);
  assert.equal(call('b', -1), -1);
  assert.deepEqual(limits, ['memory', 'memory']);
  assert.equal(call('b', 10), 2);
  assert.equal(call('a', 0), 4);
  assert.equal(call('a', 1), -1);
  assert.equal(call('t', 100), 1);
  assert.equal(call('t', 16 * 8192), -1);
  assert.equal(gauge.peakMemoryPages, 16);
  assert.equal(gauge.memory(1)?.buffer.byteLength, 12 * 65_536);
});

test('a module whose initial memory exceeds the limit does not fit', () => {
  assert.equal(startMetered('(module (memory 16))').gauge.fits, true);
  assert.equal(startMetered('(module (memory 17))').gauge.fits, false);
  assert.equal(startMetered('(module (table 200000 funcref))').gauge.fits, false);
});

test('table elements count as pages: initially, when a table grows, and in the peak', () => {
  const text = `(module (memory 2) (table $t 4096 funcref)
    (func (export "t") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
    (func (export "m") (param i32) (result i32) (memory.grow (local.get 0))))`;
  const asked: number[] = [];
  const { gauge, limits, call } = startMetered(text, {
    memoryPagesLimit: 8,
    grow: (pages) => {
      asked.push(pages);
      return true;
    },
  });
  assert.equal(gauge.peakMemoryPages, 4);
  assert.equal(call('t', 100), 4096);
  assert.deepEqual(asked, []);
  assert.equal(call('t', 4096), 4196);
  assert.deepEqual([asked, gauge.peakMemoryPages], [[2], 6]);
  // Memories and tables share one limit.
  assert.equal(call('m', 3), -1);
  assert.equal(call('m', 2), 2);
  assert.equal(call('t', 4096), -1);
  assert.deepEqual([asked, gauge.peakMemoryPages, limits], [[2, 2], 8, ['memory', 'memory']]);
  assert.equal(startMetered(text, { memoryPagesLimit: 3 }).gauge.fits, false);
});

test('repeated growths that the engine refuses reserve memory only once', () => {
  let room = 0;
  const { call } = startMetered(
    `(module (memory 1 2) (func (export "run") (param i32) (result i32) (memory.grow (local.get 0))))`,
    {
      grow: (pages) => {
        room += pages;
        return true;
      },
    },
  );
  for (let i = 0; i < 20; i++) assert.equal(call('run', 10), -1);
  assert.equal(room, 10);
  assert.equal(call('run', 1), 1);
  assert.equal(room, 10);
});

test('each memory counts as at least one page, because the host maps it', () => {
  const plan = readPlan(
    new WebAssembly.Module(meter(buildWat('(module (memory 0) (memory 0) (memory 3))'))),
  );
  assert.equal(plan.initialPages, 5);
});
