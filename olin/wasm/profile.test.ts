import assert from 'node:assert/strict';
import { test } from 'node:test';
import loadWabt from 'wabt';

import { skipConstantExpression } from './format/expression.ts';
import { readModule } from './format/module.ts';
import { Gauge } from './host/gauge.ts';
import { meter } from './meter.ts';
import { readPlan } from './plan.ts';
import { MAX_PROFILED, Profile } from './profile.ts';

const wabt = await loadWabt();

function build(text: string): Uint8Array {
  const features = { exceptions: true, tail_call: true };
  return wabt.parseWat('test.wat', text, features).toBinary({}).buffer;
}

interface Profiled {
  /** Gas by the function's index. */
  readonly byFunction: Readonly<Record<number, number>> | undefined;
  readonly used: number;
  /** Gas used without a profile. */
  readonly plain: number;
}

/** Calls `run` with and without a profile; errors are ignored. */
function profile(text: string, argument = 0, gasLimit = 1_000_000): Profiled {
  const bytes = build(text);
  const [gauge, plain] = [true, false].map((wanted) => {
    const module = new WebAssembly.Module(meter(bytes, { profile: wanted }));
    const made = new Gauge(readPlan(module), {
      gasLimit,
      sliceGas: 1000,
      memoryPagesLimit: 16,
      onTurn: () => {},
      onLimit: () => {},
      canSuspend: false,
    });
    const host = {
      call: (back: unknown) => void (typeof back === 'function' && back(3)),
    };
    const instance = new WebAssembly.Instance(module, { ...made.imports, host });
    made.attach(instance);
    try {
      made.start(instance)?.();
      const { run } = instance.exports;
      if (typeof run === 'function') run(argument);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    }
    return made;
  });
  assert.ok(gauge && plain);
  assert.equal(plain.usedByFunction, undefined);
  const functions = gauge.usedByFunction;
  return {
    byFunction: functions && Object.fromEntries(functions.map(({ index, gas }) => [index, gas])),
    used: gauge.used,
    plain: plain.used,
  };
}

test('each function has the gas of its own code, and a function that is not called is omitted', () => {
  const { byFunction, used, plain } = profile(`(module
    (func (export "run") (param i32) (call $three) (nop) (call $loop (i32.const 5)))
    (func $three (nop) (nop) (nop))
    (func $never (nop))
    (func $loop (param i32)
      (loop $again
        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`);
  assert.deepEqual(byFunction, { 0: 4, 1: 3, 3: 25 });
  assert.deepEqual([used, plain], [32, 32]);
});

test('indices include imports, and a function called back by the host is counted', () => {
  const { byFunction } = profile(`(module
    (import "host" "call" (func $call (param funcref)))
    (func (export "run") (param i32) (call $call (ref.func $back)))
    (func $back (export "back") (param i32) (drop (local.get 0))))`);
  assert.deepEqual(byFunction, { 1: 2, 2: 2 });
});

test('the gas of a recursive function counts for the original function, although metering moves its code to another', () => {
  const { byFunction, used, plain } = profile(
    `(module
      (func (export "run") (param i32) (drop (call $fib (local.get 0))))
      (func $fib (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
          (then (local.get 0))
          (else (i32.add
            (call $fib (i32.sub (local.get 0) (i32.const 1)))
            (call $fib (i32.sub (local.get 0) (i32.const 2))))))))`,
    10,
  );
  // fib(10) makes 177 calls: 89 that return at once after 5 instructions, and 88 with 4 and 9.
  assert.deepEqual(byFunction, { 0: 3, 1: 89 * 5 + 88 * 13 });
  assert.deepEqual([used, plain], [used, used]);
});

test('operations charged by size count for the function that contains them', () => {
  const { byFunction, used, plain } = profile(`(module
    (memory 1)
    (func (export "run") (param i32) (call $fill) (call $grow) (call $grow))
    (func $fill (memory.fill (i32.const 0) (i32.const 7) (i32.const 800)))
    (func $grow (drop (memory.grow (i32.const 1))) (drop (memory.grow (i32.const 100)))))`);
  // The growths by 100 pages fail and cost 1000 each.
  assert.deepEqual(byFunction, { 0: 3, 1: 4 + 100, 2: 2 * (6 + 8192 + 1000) });
  assert.equal(used, plain);
});

test('the sum is right for a run that traps or is stopped at its limit', () => {
  const trap = profile(`(module (memory 1)
    (func (export "run") (param i32) (call $deeper) (nop))
    (func $deeper (nop) (drop (i32.load (i32.const -1))) (nop) (nop)))`);
  assert.deepEqual(trap.byFunction, { 0: 1, 1: 6 });
  assert.deepEqual([trap.used, trap.plain], [7, 7]);
  const endless = profile(
    `(module
      (func (export "run") (param i32) (loop $again (call $step) (br $again)))
      (func $step (nop) (nop) (return_call $more))
      (func $more (nop)))`,
    0,
    10_000,
  );
  const sum = Object.values(endless.byFunction ?? {}).reduce((total, gas) => total + gas, 0);
  assert.deepEqual([endless.used, endless.plain], [sum, sum]);
  assert.ok(sum > 10_000);
});

test('the start function and exception handlers are counted', () => {
  const { byFunction, used, plain } = profile(`(module
    (tag $gone)
    (start $first)
    (func $first (nop) (nop))
    (func (export "run") (param i32)
      try (call $thrower) (nop) catch_all (nop) (nop) end)
    (func $thrower (nop) (throw $gone)))`);
  assert.deepEqual(byFunction, { 0: 2, 1: 3, 2: 2001 });
  assert.equal(used, plain);
});

test('without the option the bytes are unchanged, and with it the module may use the same export names', () => {
  const bytes = build(`(module
    (global (export "olin.profile.0") (mut i64) (i64.const 0))
    (func (export "run") (param i32)))`);
  assert.deepEqual(meter(bytes, { profile: false }), meter(bytes));
  assert.deepEqual(meter(bytes, { profile: true }), meter(bytes, { profile: true }));
  assert.notDeepEqual(meter(bytes, { profile: true }), meter(bytes));
  const { byFunction } = profile(`(module
    (global (export "olin.profile.0") (mut i64) (i64.const 9))
    (func (export "run") (param i32) (nop) (nop)))`);
  assert.deepEqual(byFunction, { 0: 2 });
});

test('a module of thousands of functions, such as one built by Go, can be profiled', () => {
  const many = '(func)'.repeat(5000);
  const text = `(module (func (export "run") (param i32) (nop)) ${many})`;
  const { byFunction, used } = profile(text);
  assert.deepEqual([byFunction, used], [{ 0: 1 }, 1]);
});

test('a module of more functions than an engine exports is metered without a profile', () => {
  const module = readModule(build('(module (func))'), skipConstantExpression);
  const functions = Array.from({ length: MAX_PROFILED }, () => 0);
  assert.equal(Profile.of({ ...module, functions }, 0)?.count, MAX_PROFILED);
  assert.equal(Profile.of({ ...module, functions: [...functions, 0] }, 0), undefined);
});
