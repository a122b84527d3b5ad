/** Host charges, which are subtracted from the budget of woven code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import loadWabt from 'wabt';

import { Gauge } from './gauge.ts';
import type { GaugeOptions } from './gauge-options.ts';
import { meter } from '../meter.ts';
import { readPlan } from '../plan.ts';

const wabt = await loadWabt();

// Rounds of guest work, each with one host call.
const TEXT = `(module (import "host" "work" (func $work (param i32) (result i32)))
  (func (export "run") (param i32) (local i32 i32)
    (loop $again
      (local.set 1 (i32.const 40))
      (loop $spin (br_if $spin (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
      (drop (call $work (local.get 2)))
      (local.set 2 (i32.add (local.get 2) (i32.const 1)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`;
const bytes = wabt.parseWat('test.wat', TEXT).toBinary({}).buffer;
const module = new WebAssembly.Module(meter(bytes));

class Stopped extends Error {}

/** Runs 200 rounds, each charging `priceOf`; returns how the run ended. */
function run(
  options: Pick<GaugeOptions, 'gasLimit' | 'sliceGas'>,
  priceOf: (round: number) => number,
): { used: number; rounds: number; end: string; turns: number } {
  let turns = 0;
  let rounds = 0;
  let end = 'returned';
  const gauge = new Gauge(readPlan(module), {
    ...options,
    memoryPagesLimit: 4,
    onTurn: () => void turns++,
    onLimit: (kind) => (end = kind),
    canSuspend: false,
  });
  const work = (round: number): number => {
    if (!gauge.charge(priceOf(round))) {
      gauge.exhaust();
      throw new Stopped();
    }
    rounds++;
    return 0;
  };
  const instance = new WebAssembly.Instance(module, { ...gauge.imports, host: { work } });
  gauge.attach(instance);
  const body = instance.exports['run'];
  assert.ok(typeof body === 'function');
  try {
    body(200);
  } catch (error) {
    if (error instanceof Stopped) end = 'refused';
    else assert.equal(end, 'gas');
  }
  return { used: gauge.used, rounds, end, turns };
}

test('host charges stop a guest at the same point and gas for every slice size', () => {
  const prices = [(round: number) => round % 7, () => 100, (round: number) => (round * 997) % 9000];
  const seen = new Set<string>();
  for (const priceOf of prices) {
    const whole = run({ gasLimit: 1e9, sliceGas: 1e9 }, priceOf);
    const parts = [0.1, 0.3, 0.5, 0.9, 0.999].map((part) => Math.floor(whole.used * part));
    // With the last limit, charges are batched.
    for (const gasLimit of [...parts, whole.used - 1, whole.used, whole.used + 2_000_000]) {
      const [first, ...others] = [1e9, 500_000, 10_000, 1000, 100].map((sliceGas) => {
        const { turns: _turns, ...told } = run({ gasLimit, sliceGas }, priceOf);
        return told;
      });
      assert.ok(first);
      seen.add(first.end);
      for (const other of others) assert.deepEqual(other, first, `limit ${gasLimit}`);
      if (first.end === 'returned') assert.equal(first.used, whole.used);
    }
  }
  assert.ok(seen.has('returned') && seen.has('refused'), [...seen].join());
});

test('a charge above the remaining gas is refused and not counted', () => {
  const { used, end, rounds } = run({ gasLimit: 100_000, sliceGas: 10_000 }, () => 60_000);
  assert.deepEqual([end, rounds], ['refused', 1]);
  assert.ok(used < 100_000, String(used));
});

test('host charges use up the slice, so that other guests get turns', () => {
  const cheap = run({ gasLimit: 1e9, sliceGas: 100_000 }, () => 0);
  const dear = run({ gasLimit: 1e9, sliceGas: 100_000 }, () => 50_000);
  assert.ok(dear.turns > cheap.turns + 50, `${cheap.turns} and ${dear.turns}`);
});

test('held bytes count as memory in whole pages, at their peak, within the limit', () => {
  const asked: number[] = [];
  const gauge = new Gauge(readPlan(module), {
    gasLimit: 1000,
    sliceGas: 1000,
    memoryPagesLimit: 3,
    onTurn: () => {},
    onLimit: () => {},
    canSuspend: false,
    grow: (pages) => asked.push(pages) < 3,
  });
  const host = { work: () => 0 };
  gauge.attach(new WebAssembly.Instance(module, { ...gauge.imports, host }));
  assert.equal(gauge.hold(65_535), true);
  assert.equal(gauge.peakMemoryPages, 0);
  assert.equal(gauge.hold(65_537), true);
  assert.equal(gauge.hold(-131_072), true);
  assert.equal(gauge.hold(131_072), true);
  assert.equal(gauge.peakMemoryPages, 2);
  assert.equal(gauge.hold(3 * 65_536), false);
  assert.equal(gauge.hold(65_536), true);
  assert.equal(gauge.peakMemoryPages, 3);
  assert.deepEqual(asked, [2, 1]);
});
