import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Gauge } from './gauge.ts';
import { meter } from '../meter.ts';
import { originalFunction, readPlan } from '../plan.ts';
import { buildWat, startMetered } from '../testdata/start-metered.ts';

const LOOP = `(module (func (export "run") (loop $again (br $again))))`;

// A loop of n iterations: 9 instructions per iteration, and 1 after the loop.
const ROUNDS = `(module (func $rounds (export "run") (param i32) (result i32) (local i32)
  (loop $again
    (local.set 1 (i32.add (local.get 1) (i32.const 3)))
    (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
  (local.get 1)))`;

test('gas is the number of instructions executed', () => {
  const { gauge, call } = startMetered(ROUNDS);
  assert.equal(call('run', 100), 300);
  assert.equal(gauge.used, 100 * 9 + 1);
  assert.equal(call('run', 1), 3);
  assert.equal(gauge.used, 100 * 9 + 1 + 10);
});

test('an endless loop and an unbounded recursion stop at the gas limit', () => {
  const fork = `(module (func $f (export "run") (param i32)
    (if (local.get 0) (then
      (call $f (i32.sub (local.get 0) (i32.const 1)))
      (call $f (i32.sub (local.get 0) (i32.const 1)))))))`;
  const tail = `(module (func $f (export "run") (return_call $f)))`;
  for (const [text, ...args] of [[LOOP], [tail], [fork, 100]] as const) {
    const { gauge, limits, call } = startMetered(text);
    assert.throws(() => call('run', ...args), WebAssembly.RuntimeError);
    assert.deepEqual(limits, ['gas']);
    assert.ok(gauge.used > 1_000_000 && gauge.used < 1_000_100, String(gauge.used));
  }
});

test('the stopping point and the gas used do not depend on the slice size', () => {
  const stops = [7, 1000, 10_000_000].map((sliceGas) => {
    const { gauge, call } = startMetered(ROUNDS, { sliceGas, gasLimit: 54_321 });
    assert.throws(() => call('run', 1_000_000), WebAssembly.RuntimeError);
    return gauge.used;
  });
  assert.ok(stops[0] !== undefined && stops[0] > 54_321);
  assert.deepEqual(stops, [stops[0], stops[0], stops[0]]);
});

test('a trap is charged for its whole straight piece and everything before it', () => {
  const { gauge, call } =
    startMetered(`(module (memory 1) (func (export "run") (param i32) (result i32)
    (loop $again
      (local.set 0 (i32.add (local.get 0) (i32.load (local.get 0))))
      (br $again))
    (unreachable)))`);
  // The first load is already out of bounds, so only the piece of 6 instructions is charged.
  assert.throws(() => call('run', 65_533), /out of bounds/);
  assert.equal(gauge.used, 6);
});

test('the count is exact during a host call, and nothing more is charged if the call does not return', () => {
  const seen: number[] = [];
  let gauge: Gauge | undefined;
  const started = startMetered(
    `(module (import "host" "look" (func $look))
      (func (export "run") (nop) (nop) (call $look) (nop) (call $look) (nop) (nop) (nop)))`,
    {},
    {
      look: () => {
        seen.push(gauge?.used ?? -1);
        if (seen.length === 2) throw new Error('exit');
      },
    },
  );
  gauge = started.gauge;
  assert.throws(() => started.call('run'), /exit/);
  assert.deepEqual(seen, [3, 5]);
  assert.equal(gauge.used, 5);
});

test('a turn suspends the guest while the event loop runs, and then the guest continues', async () => {
  const { promising } = WebAssembly;
  if (promising === undefined) throw new Error('this Node has no JSPI');
  let turns = 0;
  const { gauge, instance } = startMetered(ROUNDS, {
    canSuspend: true,
    onTurn: () =>
      new Promise((resolve) => {
        turns++;
        setImmediate(resolve);
      }),
  });
  const { run } = instance.exports;
  if (typeof run !== 'function') throw new TypeError('no run');
  assert.equal(await promising(run)(50_000), 150_000);
  assert.equal(gauge.used, 50_000 * 9 + 1);
  assert.equal(turns, 44);
});

test('a guest that catches all exceptions is still stopped', () => {
  let gauge: Gauge | undefined;
  const started = startMetered(
    `(module (import "host" "leave" (func $leave))
      (func (export "run") (loop $again (try (do (call $leave)) (catch_all)) (br $again))))`,
    {},
    {
      leave: () => {
        gauge?.exhaust();
        throw new Error('leave');
      },
    },
  );
  gauge = started.gauge;
  assert.throws(() => started.call('run'), WebAssembly.RuntimeError);
  assert.equal(started.limits.length, 0);
  assert.ok(gauge.used < 10, String(gauge.used));

  const caught = startMetered(
    `(module (func (export "run") (loop $again (try (do (loop $in (br $in))) (catch_all)) (br $again))))`,
  );
  assert.throws(() => caught.call('run'), WebAssembly.RuntimeError);
  assert.deepEqual(caught.limits, ['gas']);
});

test('the start function is metered, and runs when the host calls it', () => {
  const { gauge, instance, call } = startMetered(`(module (global $g (mut i32) (i32.const 0))
    (func $begin (global.set $g (i32.const 7)))
    (func (export "g") (result i32) (global.get $g))
    (start $begin))`);
  assert.equal(gauge.used, 0);
  gauge.start(instance)?.();
  assert.equal(gauge.used, 2);
  assert.equal(call('g'), 7);
});

test('a backtrace has the original function names, and its indices map to the original ones', () => {
  const text = `(module (import "host" "a" (func $a))
    (func $outer (export "run") (call $inner)) (func $inner unreachable))`;
  const module = new WebAssembly.Module(meter(buildWat(text)));
  const { call } = startMetered(text, {}, { a: () => {} });
  let stack = '';
  try {
    call('run');
  } catch (error) {
    stack = error instanceof Error ? (error.stack ?? '') : '';
  }
  const frames = [...stack.matchAll(/at (\S+) \(.*wasm-function\[(\d+)\]/g)].map((match) => [
    match[1]?.split('.').at(-1),
    originalFunction(readPlan(module), Number(match[2])),
  ]);
  assert.deepEqual(frames, [
    ['inner', 2],
    ['outer', 1],
  ]);
});

test('a module may use the names that metering adds: it gets different ones', () => {
  const { gauge, call } = startMetered(
    `(module (import "host" "x" (func $x)) (memory (export "olin.memory.0") 1)
      (func (export "olin.gas") (result i32) (i32.const 5)) (func (export "olin1.x")))`,
    {},
    { x: () => {} },
  );
  assert.equal(call('olin.gas'), 5);
  assert.equal(gauge.used, 1);
});

test('a released gauge does not keep its instance alive, and still reports usage', async () => {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') throw new TypeError('no gc');
  const module = new WebAssembly.Module(meter(buildWat(ROUNDS)));
  // Only the gauge may reference the instance here; `start` would too.
  const gauge = new Gauge(readPlan(module), {
    gasLimit: 1_000_000,
    sliceGas: 10_000,
    memoryPagesLimit: 16,
    onTurn: () => {},
    onLimit: () => {},
    canSuspend: false,
  });
  const run = (): WeakRef<WebAssembly.Instance> => {
    const held = new WebAssembly.Instance(module, gauge.imports);
    gauge.attach(held);
    const { run: body } = held.exports;
    if (typeof body === 'function') body(100);
    return new WeakRef(held);
  };
  const instance = run();
  gauge.release();
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  assert.equal(instance.deref(), undefined);
  assert.equal(gauge.used, 100 * 9 + 1);
});
