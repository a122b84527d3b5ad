import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import loadWabt from 'wabt';

import { InputError } from '../errors.ts';
import { Gauge } from './host/gauge.ts';
import { inspect } from './inspect.ts';
import { meter } from './meter.ts';
import { originalFunction, PLAN_SECTION, readPlan } from './plan.ts';

const wabt = await loadWabt();

function build(text: string): Uint8Array {
  const features = { threads: true, exceptions: true, tail_call: true };
  return wabt.parseWat('test.wat', text, features).toBinary({ write_debug_names: true }).buffer;
}

const KERNEL = new Uint8Array(
  readFileSync(new URL('../../bench/kernels/json.wasm', import.meta.url)),
);

/** Appends a custom section. */
function withSection(bytes: Uint8Array, name: string, contents: string): Uint8Array {
  const text = new TextEncoder().encode(name + contents);
  return Uint8Array.of(...bytes, 0, text.length + 1, name.length, ...text);
}

function refusal(bytes: Uint8Array): InputError {
  try {
    meter(bytes);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

/** Meters bytes that may not be a module; any error other than InputError fails the test. */
function attempt(bytes: Uint8Array): void {
  try {
    meter(bytes);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
  }
}

test('metering is deterministic and does not change its input', () => {
  const copy = Uint8Array.from(KERNEL);
  const first = meter(KERNEL);
  assert.deepEqual(meter(Uint8Array.from(KERNEL)), first);
  assert.deepEqual(KERNEL, copy);
  assert.equal(first.buffer.byteLength, first.length);
  // A view into a larger buffer works the same.
  const padded = Uint8Array.of(1, 2, 3, ...KERNEL, 4);
  assert.deepEqual(meter(padded.subarray(3, 3 + KERNEL.length)), first);
});

test('a module that is metered, or only claims to be, is rejected', () => {
  const twice = refusal(meter(KERNEL));
  assert.equal(twice.code, 'unsupported-feature');
  assert.match(twice.message, /metered already/);
  assert.equal(refusal(withSection(KERNEL, PLAN_SECTION, '{}')).code, 'unsupported-feature');
});

test('instructions that would block the host are rejected by name', () => {
  const shared = refusal(build('(module (memory 1 1 shared))'));
  assert.equal(shared.code, 'unsupported-feature');
  assert.match(shared.message, /shared memory/);
  const waits = refusal(
    build(`(module (memory 1) (func (drop
      (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))`),
  );
  assert.equal(waits.code, 'unsupported-feature');
  assert.match(waits.message, /memory\.atomic\.wait32/);
});

test('an unknown instruction is rejected by its number', () => {
  const text = build('(module (func nop))');
  const at = text.findIndex((byte, index) => byte === 0x01 && text[index + 1] === 0x0b);
  const unknown = Uint8Array.from(text);
  unknown[at] = 0x27;
  assert.match(refusal(unknown).message, /an unknown instruction \(0x27\)/);
});

test('indices that would refer to added functions and globals are rejected', () => {
  // The exported global does not exist; in the metered module its index is that of the budget.
  const bytes = build('(module (global i32 (i32.const 0)) (export "g" (global 0)))');
  const at = bytes.findIndex((byte, index) => byte === 0x03 && bytes[index - 1] === 0x67);
  const reaching = Uint8Array.from(bytes);
  reaching[at + 1] = 1;
  assert.equal(refusal(reaching).code, 'malformed-module');
});

test('the name section is kept, and sections that refer to code offsets are dropped', () => {
  const named = build('(module $m (import "host" "f" (func $f)) (func $a (call $f)) (func $b))');
  const metered = meter(withSection(withSection(named, '.debug_line', 'x'), 'producers', 'y'));
  const { moduleName, functionNames, customSections } = inspect(metered);
  assert.equal(moduleName, 'm');
  assert.deepEqual(
    [...functionNames.values()].filter((name) => !name.startsWith('olin.')),
    ['f', 'a', 'b'],
  );
  const sections = customSections.map(({ name }) => name);
  assert.ok(sections.includes('producers'));
  assert.ok(!sections.includes('.debug_line'));
});

test('in a backtrace, a recursive function keeps its name and index, with one frame per call', () => {
  const module = new WebAssembly.Module(
    meter(
      build(`(module (func $unused)
        (func $down (export "run") (param i32) (result i32)
          (if (i32.eqz (local.get 0)) (then (unreachable)))
          (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))))`),
    ),
  );
  const plan = readPlan(module);
  const gauge = new Gauge(plan, {
    gasLimit: 1000,
    sliceGas: 1000,
    memoryPagesLimit: 1,
    onTurn: () => {},
    onLimit: () => {},
    canSuspend: false,
  });
  const instance = new WebAssembly.Instance(module, gauge.imports);
  gauge.attach(instance);
  const { run } = instance.exports;
  let stack = '';
  try {
    if (typeof run === 'function') run(2);
  } catch (error) {
    stack = error instanceof Error ? (error.stack ?? '') : '';
  }
  const frames = [...stack.matchAll(/at (\S+) \(.*wasm-function\[(\d+)\]/g)]
    .map((match) => ({ name: match[1], index: originalFunction(plan, Number(match[2])) }))
    .filter(({ index }) => index !== undefined);
  assert.deepEqual(
    frames.map(({ name, index }) => [name?.split('.').at(-1), index]),
    [
      ['down', 1],
      ['down', 1],
      ['down', 1],
    ],
  );
  // 7 for each call that recurses, and 4 for the last one, up to and including the trap.
  assert.equal(gauge.used, 7 + 7 + 4);
});

test('a module truncated at any byte, or with any byte changed, gives an InputError or is metered, never a crash', () => {
  const whole = build(`(module (import "h" "x" (func $x (param i64) (result f32)))
    (memory 1) (table 2 funcref) (global $g (mut i32) (i32.const 7)) (tag $t)
    (func $a (export "a") (param i32) (result i32) (local i64)
      (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (block $b (br_table $b $b (local.get 0)))
      (if (local.get 0) (then (drop (call $x (local.get 1)))) (else (throw $t)))
      (try (do (drop (call $a (i32.const 0)))) (catch_all (global.set $g (i32.const 1))))
      (memory.fill (i32.const 0) (i32.const 0) (memory.grow (i32.const 0)))
      (global.get $g))
    (elem (i32.const 0) $a $x) (data (i32.const 8) "hello") (start $s) (func $s))`);
  assert.ok(WebAssembly.validate(meter(whole)));
  for (let length = 0; length < whole.length; length++) attempt(whole.subarray(0, length));
  for (let at = 8; at < whole.length; at++) {
    for (const value of [0, 1, 3, 0x0b, 0x0c, 0x40, 0x7f, 0x80, 0xfc, 0xff]) {
      const changed = Uint8Array.from(whole);
      changed[at] = value;
      attempt(changed);
      // An invalid module stays invalid.
      if (WebAssembly.validate(changed)) continue;
      let woven: Uint8Array<ArrayBuffer> | undefined;
      try {
        woven = meter(changed);
      } catch {
        continue;
      }
      assert.ok(!WebAssembly.validate(woven), `byte ${at} set to ${value} became valid`);
    }
  }
});

test('element segments that take longer than a turn to write are rejected', () => {
  const elements = '$f '.repeat(65_536);
  const bytes = build(
    `(module (table 65536 funcref) (func $f) ${`(elem (i32.const 0) ${elements})`.repeat(5)})`,
  );
  assert.match(refusal(bytes).message, /fills its tables with more than 262144 elements/);
});
