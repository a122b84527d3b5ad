import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBacktrace } from './backtrace.ts';
import type { MeterPlan } from '../../wasm/index.ts';

/** Two imported functions, two added by metering, ten of the module's own, then added ones again. */
const plan: MeterPlan = {
  version: 1,
  prefix: 'olin.',
  shiftFrom: 2,
  shift: 2,
  addedFrom: 14,
  importedMemories: 0,
  memories: [],
  initialPages: 1,
  initialElements: 0,
  hasStart: false,
  isRenewable: false,
  threads: [],
};

test('frames of Chrome and Node are parsed, with and without names', () => {
  const stack = `RuntimeError: unreachable
    at inner (wasm://wasm/0123abcd:wasm-function[4]:0x1f2)
    at wasm://wasm/0123abcd:wasm-function[5]:0x20
    at <T as a::Trait>::call(u8) (wasm://wasm/name-0123abcd:wasm-function[6]:0x2a)
    at run (file:///srv/olin/run/run.ts:98:11)`;
  assert.deepEqual(readBacktrace(stack, plan), [
    'inner (wasm-function[2])',
    'wasm-function[3]',
    '<T as a::Trait>::call(u8) (wasm-function[4])',
  ]);
});

test('frames of Firefox are parsed', () => {
  const stack = `inner@https://docs.test/worker.js line 3 > WebAssembly.Module:wasm-function[4]:0x1f2
@https://docs.test/worker.js:wasm-function[5]:0x20
run@https://docs.test/worker.js:98:11`;
  assert.deepEqual(readBacktrace(stack, plan), ['inner (wasm-function[2])', 'wasm-function[3]']);
});

test('frames of Safari are parsed', () => {
  const stack = `0123abcd.wasm-function[inner]@[wasm code]
<?>.wasm-function[5]@[wasm code]
<?>.wasm-function[14]@[wasm code]
wasm-stub@[wasm code]
run@https://docs.test/worker.js:98:11`;
  assert.deepEqual(readBacktrace(stack, plan), ['inner', 'wasm-function[3]']);
});

test('functions that metering added are left out', () => {
  const stack = `Error
    at olin.turn (wasm://wasm/0123abcd:wasm-function[3]:0x1f2)
    at olin.pay (wasm://wasm/0123abcd:wasm-function[14]:0x1f2)
    at main (wasm://wasm/0123abcd:wasm-function[13]:0x1f2)`;
  assert.deepEqual(readBacktrace(stack, plan), ['main (wasm-function[11])']);
});

test('an error without a stack, or without frames of a guest, gives an empty backtrace', () => {
  assert.deepEqual(readBacktrace(undefined, plan), []);
  assert.deepEqual(
    readBacktrace('Error: x\n    at run (file:///srv/olin/run/run.ts:98:11)', plan),
    [],
  );
});
