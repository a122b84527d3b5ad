import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { GaugeOptions } from '../../host/gauge-options.ts';

import {
  buildWat,
  callerOf,
  startMetered,
  type StartedGuest,
} from '../../testdata/start-metered.ts';

const PAGE = 65_536;

const start = (text: string, options: Partial<GaugeOptions> = {}): StartedGuest =>
  startMetered(text, {
    gasLimit: 1_000_000_000,
    sliceGas: 500_000,
    memoryPagesLimit: 256,
    ...options,
  });

/** A function that fills the whole memory eighteen times, called sixty times. */
const ATTACK = `(module (memory (export "memory") 128)
  (func $f ${'(memory.fill (i32.const 0) (i32.const 1) (i32.const 8388608))'.repeat(18)})
  (func $g ${'(call $f)'.repeat(60)})
  (func (export "run") (call $g)))`;

test('a guest that only fills its memory stops close to its gas limit', () => {
  const { gauge, limits, call } = start(ATTACK, { gasLimit: 1_000_000 });
  assert.throws(() => call('run'), WebAssembly.RuntimeError);
  assert.deepEqual(limits, ['gas']);
  assert.ok(gauge.used > 1_000_000 && gauge.used < 1_020_000, String(gauge.used));
});

test('other guests get a turn for each slice of gas', () => {
  let turns = 0;
  const { gauge, call } = start(ATTACK, {
    gasLimit: 100_000_000,
    sliceGas: 100_000,
    onTurn: () => {
      turns++;
    },
  });
  assert.throws(() => call('run'), WebAssembly.RuntimeError);
  assert.ok(turns > 850, `${turns} turns in ${gauge.used} of gas`);
});

test('the point where a long operation stops does not depend on the slice size', () => {
  const used = [999, 100_000, 10_000_000].map((sliceGas) => {
    const { gauge, call } = start(ATTACK, { gasLimit: 2_345_678, sliceGas });
    assert.throws(() => call('run'), WebAssembly.RuntimeError);
    return gauge.used;
  });
  assert.deepEqual(used, [used[0], used[0], used[0]]);
});

test('a long operation is suspended in the middle for other guests, and then continues', async () => {
  const { promising } = WebAssembly;
  if (promising === undefined) throw new Error('this Node has no JSPI');
  let turns = 0;
  const { exports } = start(
    `(module (memory (export "memory") 100)
      (func (export "run") (memory.fill (i32.const 10) (i32.const 7) (i32.const 6000000))))`,
    {
      canSuspend: true,
      sliceGas: 50_000,
      onTurn: () =>
        new Promise((resolve) => {
          turns++;
          setImmediate(resolve);
        }),
    },
  );
  const { run, memory } = exports;
  assert.ok(typeof run === 'function' && memory instanceof WebAssembly.Memory);
  await promising(run)();
  assert.ok(turns > 10, `${turns} turns`);
  const bytes = new Uint8Array(memory.buffer);
  assert.deepEqual([bytes.indexOf(7), bytes.lastIndexOf(7)], [10, 6_000_009]);
});

const MEMORIES = `(module
  (memory $m (export "memory") 8) (memory $o (export "other") 8) (memory $w (export "wide") i64 8)
  (data $d "${'0123456789abcdef'.repeat(12_500)}")
  (func (export "number") (param i32) (loop $l
    (i32.store (local.get 0) (i32.mul (local.get 0) (i32.const 0x9e3779b1)))
    (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 4))))))
  (func (export "fill") (param i32 i32 i32) (memory.fill $m (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy $m $m (local.get 0) (local.get 1) (local.get 2)))
  (func (export "across") (param i32 i32 i32) (memory.copy $o $m (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (data.drop $d))
  (func (export "fillWide") (param i32 i32 i32) (memory.fill $w (i64.extend_i32_u (local.get 0))
    (local.get 1) (i64.extend_i32_u (local.get 2)))
    (memory.copy $w $w (i64.extend_i32_u (local.get 1)) (i64.extend_i32_u (local.get 0))
    (i64.extend_i32_u (local.get 2)))))`;

function bytesOf(exports: WebAssembly.Exports, name: string): Uint8Array {
  const memory = exports[name];
  if (!(memory instanceof WebAssembly.Memory)) throw new TypeError(`no memory ${name}`);
  return new Uint8Array(memory.buffer);
}

/** Runs each call with and without metering, and compares results and memories. */
function compare(text: string, names: readonly string[]) {
  const plain = new WebAssembly.Instance(new WebAssembly.Module(buildWat(text))).exports;
  const metered = start(text);
  const outcome = (call: StartedGuest['call'], name: string, args: readonly number[]): string => {
    try {
      return String(call(name, ...args));
    } catch (error) {
      return String(error);
    }
  };
  return (name: string, ...args: readonly number[]): number => {
    const what = `${name} ${args.join()}`;
    const before = metered.gauge.used;
    const wanted = outcome(callerOf(plain), name, args);
    assert.equal(outcome(metered.call, name, args), wanted, what);
    for (const memory of names) {
      const same = Buffer.compare(bytesOf(plain, memory), bytesOf(metered.exports, memory)) === 0;
      assert.ok(same, `${what}: memory ${memory} differs`);
    }
    return metered.gauge.used - before;
  };
}

test('long memory operations give the same result as short ones at any overlap, at the same cost per byte', () => {
  const both = compare(MEMORIES, ['memory', 'other', 'wide']);
  both('number', 300_000);
  const size = 3 * PAGE + 12_345;
  for (const distance of [0, 1, 7, 4096, PAGE - 1, PAGE, PAGE + 1, size]) {
    assert.equal(both('copy', 100 + distance, 100, size), 4 + (size >> 3));
    assert.equal(both('copy', 100, 100 + distance, size), 4 + (size >> 3));
  }
  assert.equal(both('across', 5, 100, size), 4 + (size >> 3));
  assert.equal(both('fill', 300_001, 0xab, 2 * PAGE), 4 + (PAGE >> 2));
  assert.equal(both('init', 3, 1, 199_999), 4 + (199_999 >> 3));
  both('fillWide', 10, 100_000, 2 * PAGE + 5);
});

test('a long operation out of bounds writes nothing and costs nothing for its size', () => {
  const both = compare(MEMORIES, ['memory', 'other', 'wide']);
  both('number', 300_000);
  const end = 8 * PAGE;
  const size = 2 * PAGE;
  for (const [to, from, length] of [
    [end - size + 1, 0, size],
    [0, end - size + 1, size],
    [-1, 0, size],
    [0, -PAGE, size],
    [1, 2, -1],
    [end + 1, 0, 0],
  ] as const) {
    assert.equal(both('copy', to, from, length), 4);
    assert.equal(both('across', to, from, length), 4);
    if (from === 0) assert.equal(both('fill', to, 1, length), 4);
  }
  assert.equal(both('init', 0, 1, 200_000), 4);
  assert.equal(both('init', end - 100_000, 0, 150_000), 4);
  both('drop');
  assert.equal(both('init', 0, 0, 150_000), 4);
  assert.equal(both('init', 0, 0, 0), 4);
});

const TABLES = `(module (memory (export "memory") 1)
  (table $t 6000 8000 funcref) (table $u 6000 funcref)
  (elem $e func ${'$a $b '.repeat(1500)})
  (func $a) (func $b)
  (func (export "fill") (param i32 i32) (table.fill $t (local.get 0) (ref.func $a) (local.get 1)))
  (func (export "init") (param i32 i32 i32) (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "across") (param i32 i32 i32) (table.copy $u $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "grow") (param i32) (result i32) (table.grow $t (ref.func $b) (local.get 0)))
  (func (export "look") (local i32) (loop $l
    (i32.store8 (local.get 0) (i32.add
      (i32.mul (ref.is_null (table.get $t (local.get 0))) (i32.const 2))
      (ref.is_null (table.get $u (local.get 0)))))
    (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 6000))))))`;

test('long table operations give the same result as short ones, and cost per element', () => {
  const both = compare(TABLES, ['memory']);
  assert.equal(both('init', 10, 0, 2500), 4 + 2500 * 32);
  for (const distance of [1, 1000, 2048, 3001]) {
    assert.equal(both('copy', 10 + distance, 10, 2500), 4 + 2500 * 32);
    both('look');
    both('copy', 10, 10 + distance, 2600);
    both('look');
  }
  both('across', 0, 1000, 5000);
  both('look');
  assert.equal(both('fill', 500, 3000), 4 + 3000 * 32);
  both('look');
  assert.equal(both('fill', 5000, 3000), 4);
  assert.equal(both('init', 0, 2000, 1500), 4);
  assert.equal(both('copy', 5000, 0, 1500), 4);
  both('look');
  assert.equal(both('grow', 1500), 3 + 1500 * 32);
  assert.equal(both('grow', 501), 3 + 1000);
  assert.equal(both('grow', 0), 3);
  assert.equal(both('grow', 500), 3 + 500 * 32);
});

test('a failed growth costs a fixed amount, and a growth by 0 does not call the host', () => {
  let asked = 0;
  const { gauge, call } = start(
    `(module (memory 1 3)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`,
    {
      grow: () => {
        asked++;
        return true;
      },
    },
  );
  const costOf = (pages: number): number => {
    const before = gauge.used;
    call('grow', pages);
    return gauge.used - before;
  };
  assert.deepEqual([costOf(0), asked], [2, 0]);
  assert.equal(costOf(5), 2 + 1000);
  assert.equal(costOf(2), 2 + 2 * 8192);
  assert.equal(costOf(0), 2);
});

test('many locals are charged when their function is entered; a few are free', () => {
  const { gauge, call } = start(`(module
    (func $few ${'(local i32)'.repeat(255)} (local i64))
    (func $many ${'(local i64)'.repeat(1056)})
    (func (export "few") (call $few))
    (func (export "many") (call $many)))`);
  call('few');
  assert.equal(gauge.used, 1);
  call('many');
  assert.equal(gauge.used, 1 + 1 + 100);
});
