import assert from 'node:assert/strict';
import { test } from 'node:test';
import loadWabt from 'wabt';
import { compile } from '../../module/module.ts';
import { nodePlatform } from '../../platform/node.ts';
import { run } from '../run.ts';

const wabt = await loadWabt();

function build(text: string, write_debug_names: boolean): Uint8Array {
  return wabt.parseWat('test.wat', text).toBinary({ write_debug_names }).buffer;
}

const TEXT = `(module
  (import "cwa" "runtime_exit" (func $exit (param i32)))
  (func $start (export "_start") (call $work) (call $exit (i32.const 0)))
  (func $work (call $rest) (nop) (nop))
  (func $rest (nop)))`;

test('the bill lists functions, the most expensive first, and can be cloned to another thread', async () => {
  const module = await compile(build(TEXT, true), { profile: true });
  const { bill } = await run(module, { platform: nodePlatform });
  assert.deepEqual(bill.gasByFunction, [
    { name: 'runtime_exit', index: 0, gas: 100 },
    { name: 'start', index: 1, gas: 3 },
    { name: 'work', index: 2, gas: 3 },
    { name: 'rest', index: 3, gas: 1 },
  ]);
  assert.equal(bill.gas, 107);
  assert.deepEqual(structuredClone(bill.gasByFunction), bill.gasByFunction);
});

test('a function without a name is listed by its export name, or by its number', async () => {
  const module = await compile(build(TEXT, false), { profile: true });
  const { bill } = await run(module, { platform: nodePlatform });
  assert.deepEqual(
    bill.gasByFunction?.map(({ name }) => name),
    ['runtime_exit', '_start', 'function 2', 'function 3'],
  );
});

test('a module compiled with and without profile is cached twice, with the same digest', async () => {
  const bytes = build(TEXT, true);
  const [plain, profiled] = [await compile(bytes), await compile(bytes, { profile: true })];
  assert.notEqual(plain, profiled);
  assert.equal(plain.digest, profiled.digest);
  assert.equal(await compile(bytes), plain);
  assert.equal(await compile(bytes, { profile: true }), profiled);
  const { bill } = await run(plain, { platform: nodePlatform });
  assert.deepEqual([bill.gas, 'gasByFunction' in bill], [107, false]);
});
