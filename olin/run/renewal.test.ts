/** Reused instances: each guest must find its instance in the initial state, and use the same gas. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { compile as compileWat } from '../../sdk/wat/compile.ts';
import { compile, run, type CompiledModule, type RunOptions, type RunResult } from '../index.ts';
import { nodePlatform } from '../platform/node.ts';

const EXIT = '(import "cwa" "runtime_exit" (func $exit (param i32)))';
const SLEEP = '(import "cwa" "runtime_msleep" (func $sleep (param i32)))';
const ARGS = '(import "cwa" "startup_arg_len" (func $args (result i32)))';

async function build(text: string): Promise<CompiledModule> {
  const compiled = await compileWat(text);
  assert.ok(compiled.ok, JSON.stringify(compiled));
  return compile(compiled.module);
}

const start = (module: CompiledModule, more: Partial<RunOptions> = {}): Promise<RunResult> =>
  run(module, { platform: nodePlatform, ...more });

/** Counts the instances created from now on. */
function countInstances(t: TestContext): () => number {
  const { mock } = t.mock.method(WebAssembly, 'Instance');
  return () => mock.callCount();
}

/** Runs the module `times` times, expects the same result each time, and returns the number of instances created. */
async function runAlike(t: TestContext, text: string, times = 5): Promise<number> {
  const module = await build(text);
  const made = countInstances(t);
  const first = await start(module);
  assert.equal(first.trap, undefined);
  assert.equal(first.exit, 0);
  for (let i = 1; i < times; i++) {
    const { exit, trap, bill } = await start(module);
    assert.deepEqual([exit, trap], [0, undefined]);
    assert.deepEqual({ ...bill, wallMs: 0 }, { ...first.bill, wallMs: 0 });
  }
  return made();
}

test('one instance serves many guests, and none finds what another left in memory', async (t) => {
  const made = await runAlike(
    t,
    `(module ${EXIT} (memory 2) (data (i32.const 70000) "first")
      (func (export "_start") (local $at i32)
        (if (i32.ne (i32.load (i32.const 70000)) (i32.const 0x73726966))
          (then (call $exit (i32.const 1))))
        (loop $next
          (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (call $exit (i32.const 2))))
          (br_if $next (i32.lt_u
            (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 69992))))
        (memory.fill (i32.const 0) (i32.const 0xaa) (i32.const 131072))))`,
  );
  assert.equal(made, 1);
});

test('contents in many places of a memory are restored, and the rest is zero', async (t) => {
  const places = [0, 4092, 8188, 8192, 70_000, 131_068];
  const at = (place: number): string => `(i32.const ${place})`;
  const made = await runAlike(
    t,
    `(module ${EXIT} (memory 2) ${places.map((place) => `(data ${at(place)} "word")`).join('')}
      (func (export "_start") (local $at i32) (local $sum i64)
        ${places.map((place) => `(if (i32.ne (i32.load ${at(place)}) (i32.const 0x64726f77)) (then (call $exit (i32.const 1))))`).join('')}
        (loop $next
          (local.set $sum (i64.add (local.get $sum) (i64.load8_u (local.get $at))))
          (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 131072))))
        (if (i64.ne (local.get $sum) (i64.const ${places.length * 444})) (then (call $exit (i32.const 2))))
        (memory.fill (i32.const 0) (i32.const 0xaa) (i32.const 131072))))`,
  );
  assert.equal(made, 1);
});

test('a small module whose contents are far apart keeps no image of its memory', async (t) => {
  const module = await build(
    `(module (memory 128) (data (i32.const 0) "a") (data (i32.const 8388607) "z") (func (export "_start")))`,
  );
  const before = process.memoryUsage().arrayBuffers;
  const grown = (): number => process.memoryUsage().arrayBuffers - before;
  assert.equal((await start(module)).trap, undefined);
  assert.ok(grown() < 1_000_000, `${grown()} bytes`);
  const segments = Array.from({ length: 2000 }, (_, i) => `(data (i32.const ${i * 4000}) "a")`);
  const sparse = await build(
    `(module (memory 128) ${segments.join('')} (func (export "_start") (i32.store8 (i32.const 9) (i32.const 1))))`,
  );
  const made = countInstances(t);
  for (let i = 0; i < 3; i++) assert.equal((await start(sparse)).trap, undefined);
  assert.equal(made(), 3, 'it is not renewed');
  assert.ok(grown() < 1_000_000, `${grown()} bytes`);
});

test('globals of every type get their initial values again, bit by bit', async (t) => {
  const made = await runAlike(
    t,
    `(module ${EXIT}
      (func $f) (func $g) (elem declare func $f $g)
      (global $a (mut i32) (i32.const 15))
      (global $b (mut i64) (i64.const -1))
      (global $c (mut f32) (f32.const nan:0x200001))
      (global $d (mut f64) (f64.const -0))
      (global $e (mut v128) (v128.const i32x4 1 2 3 4))
      (global $h (mut funcref) (ref.func $f))
      (global $i (mut externref) (ref.null extern))
      (table 1 funcref)
      (func $check (param i32 i32)
        (if (i32.eqz (local.get 0)) (then (call $exit (local.get 1)))))
      (func (export "_start")
        (call $check (i32.eq (global.get $a) (i32.const 15)) (i32.const 1))
        (call $check (i64.eq (global.get $b) (i64.const -1)) (i32.const 2))
        (call $check (i32.eq (i32.reinterpret_f32 (global.get $c)) (i32.const 0x7fa00001)) (i32.const 3))
        (call $check (i64.eq (i64.reinterpret_f64 (global.get $d)) (i64.const 0x8000000000000000)) (i32.const 4))
        (call $check (i32x4.all_true (i32x4.eq (global.get $e) (v128.const i32x4 1 2 3 4))) (i32.const 5))
        (call $check (i32.eqz (ref.is_null (global.get $h))) (i32.const 6))
        (call $check (ref.is_null (global.get $i)) (i32.const 7))
        (global.set $a (i32.const 1)) (global.set $b (i64.const 1))
        (global.set $c (f32.const 1)) (global.set $d (f64.const 1))
        (global.set $e (v128.const i32x4 9 9 9 9)) (global.set $h (ref.null func))))`,
  );
  assert.equal(made, 1);
});

for (const [what, body, more] of [
  ['a table', '(table.set $t (i32.const 0) (ref.null func))', ''],
  ['a table, by filling it', '(table.fill $t (i32.const 0) (ref.null func) (i32.const 1))', ''],
  ['a table, by growing it', '(drop (table.grow $t (ref.null func) (i32.const 1)))', ''],
  ['a table, from itself', '(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1))', ''],
  [
    'a table, from a segment',
    '(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))',
    '(elem $e func $f)',
  ],
  ['a segment of elements', '(elem.drop $e)', '(elem $e func $f)'],
  ['a segment of data', '(data.drop $d)', '(data $d "x")'],
  ['the size of its memory', '(drop (memory.grow (i32.const 1)))', ''],
] as const) {
  test(`the instance of a guest that changes ${what} is not reused`, async (t) => {
    const text = `(module (memory 1) (table $t 2 funcref) (func $f) ${more}
      (func (export "_start") ${body}))`;
    assert.equal(await runAlike(t, text, 4), 4);
  });
}

test('an instance whose empty memory has grown is not reused', async (t) => {
  const text = `(module ${EXIT} (memory 0) (func (export "_start")
    (if (memory.size) (then (call $exit (i32.const 1))))
    (drop (memory.grow (i32.const 1)))))`;
  assert.equal(await runAlike(t, text, 3), 3);
});

const { isZero: _, ...blind } = nodePlatform;

for (const [index, [what, platform]] of (
  [
    ['that can look for zeros', nodePlatform],
    ['that cannot look for zeros', blind],
  ] as const
).entries()) {
  test(`a guest with 8 MiB of memory finds no data of an earlier one, on a platform ${what}`, async (t) => {
    // Each guest looks for data of others, then writes the first and the last byte of some pages.
    const module = await build(`(module ${EXIT} (memory 128) (data (i32.const 100000) "first")
      ;; Makes the modules differ: slots are shared by equal ones.
      (global i32 (i32.const ${index}))
      (func (export "_start") (local $at i32)
        (if (i32.ne (i32.load (i32.const 100000)) (i32.const 0x73726966))
          (then (call $exit (i32.const 1))))
        (i32.store (i32.const 100000) (i32.const 0)) (i32.store8 (i32.const 100004) (i32.const 0))
        (loop $next
          (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (call $exit (i32.const 2))))
          (br_if $next (i32.lt_u
            (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 8388608))))
        (memory.fill (i32.const 65535) (i32.const 1) (i32.const 2))
        (memory.fill (i32.const 4194304) (i32.const 1) (i32.const 65536))
        (i32.store8 (i32.const 8388607) (i32.const 1))))`);
    const made = countInstances(t);
    for (let i = 0; i < 3; i++) {
      const { exit, trap } = await start(module, { platform });
      assert.deepEqual([exit, trap], [0, undefined]);
    }
    assert.equal(made(), 1);
  });
}

test('the start function runs for each guest', async (t) => {
  const text = `(module ${EXIT} (memory 1) (global $runs (mut i32) (i32.const 0))
    (func $init (global.set $runs (i32.add (global.get $runs) (i32.const 1))))
    (start $init)
    (func (export "_start")
      (if (i32.ne (global.get $runs) (i32.const 1)) (then (call $exit (i32.const 1))))))`;
  assert.equal(await runAlike(t, text), 1);
});

test('after a guest that exited or slept, its instance is in the initial state', async (t) => {
  const text = `(module ${EXIT} ${SLEEP} (memory 1) (global $mark (mut i32) (i32.const 0))
    (func (export "_start")
      (if (global.get $mark) (then (call $exit (i32.const 1))))
      (global.set $mark (i32.const 1))
      (call $sleep (i32.const 1))
      (call $exit (i32.const 0))))`;
  assert.equal(await runAlike(t, text), 1);
});

test('the instances of guests that trap or are stopped are not reused', async (t) => {
  const module = await build(`(module ${ARGS} (memory 1) (func (export "_start")
    (if (i32.eq (call $args) (i32.const 2)) (then unreachable))
    (if (i32.eq (call $args) (i32.const 3)) (then (loop (br 0))))))`);
  const made = countInstances(t);
  assert.equal((await start(module)).exit, 0);
  assert.equal((await start(module, { args: ['x', 'trap'] })).trap?.code, 'trap');
  assert.equal((await start(module)).exit, 0);
  assert.equal((await start(module, { args: ['x', 'y', 'loop'] })).trap?.code, 'gas');
  assert.equal((await start(module)).exit, 0);
  assert.equal(made(), 3);
});

test('a reused instance gets the limits of its own run', async () => {
  const module = await build(`(module ${ARGS} (memory 1) (func (export "_start") (local $i i32)
    (loop $more (br_if $more (i32.lt_u
      (local.tee $i (i32.add (local.get $i) (i32.const 1)))
      (i32.mul (call $args) (i32.const 100000)))))))`);
  const { bill } = await start(module);
  const exactly = await start(module, { limits: { gas: bill.gas } });
  assert.equal(exactly.trap, undefined);
  assert.equal(exactly.bill.gas, bill.gas);
  const less = await start(module, { limits: { gas: bill.gas / 2 } });
  assert.equal(less.trap?.code, 'gas');
});

test('a run that is refused at the start is billed for nothing, even with a reused instance', async () => {
  const module = await build('(module (memory 2) (func (export "_start") (drop (i32.const 1))))');
  assert.ok((await start(module)).bill.gas > 0);
  const { trap, bill } = await start(module, { limits: { memoryPages: 1 } });
  assert.equal(trap?.code, 'memory');
  assert.deepEqual([bill.gas, bill.memoryPages], [0, 0]);
});

test('guests that run at the same time have separate instances', async (t) => {
  const module = await build(`(module ${EXIT} ${SLEEP} (memory 1)
    (func (export "_start")
      (if (i32.load (i32.const 0)) (then (call $exit (i32.const 1))))
      (i32.store (i32.const 0) (i32.const 7))
      (call $sleep (i32.const 5))
      (i32.store (i32.const 0) (i32.const 8))))`);
  const made = countInstances(t);
  for (let round = 0; round < 2; round++) {
    const results = await Promise.all(Array.from({ length: 10 }, () => start(module)));
    assert.ok(results.every(({ exit }) => exit === 0));
  }
  assert.equal(made(), 10);
});

test('the number of idle instances is limited: with many modules, the longest idle are dropped', async (t) => {
  const text = (n: number): string =>
    `(module (memory 16) (global (mut i32) (i32.const ${n})) (func (export "_start")))`;
  const modules = await Promise.all(Array.from({ length: 80 }, (_, n) => build(text(n))));
  for (const module of modules) await start(module);
  const made = countInstances(t);
  const [oldest] = modules;
  const newest = modules.at(-1);
  assert.ok(oldest && newest);
  await start(newest);
  assert.equal(made(), 0);
  await start(oldest);
  assert.equal(made(), 1);
});
