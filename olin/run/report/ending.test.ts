import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuestStop, limitStop, describeStop } from './ending.ts';
import { describeLimit, type LimitCode } from '../../limits.ts';
import type { MeterPlan } from '../../wasm/index.ts';

const plan: MeterPlan = {
  version: 1,
  prefix: 'olin.',
  shiftFrom: 0,
  shift: 0,
  addedFrom: 100,
  importedMemories: 0,
  memories: [],
  initialPages: 1,
  initialElements: 0,
  hasStart: false,
  isRenewable: false,
  threads: [],
};

/** For each trap, our message and those of Chrome and Node, Firefox, and Safari. */
const WORDS: readonly (readonly [told: RegExp, ...words: readonly string[]])[] = [
  [
    /it executed "unreachable"/,
    'unreachable',
    'unreachable executed',
    'Unreachable code should not be executed (evaluating …)',
  ],
  [
    /outside its memory/,
    'memory access out of bounds',
    'index out of bounds',
    'Out of bounds memory access (evaluating …)',
  ],
  [
    /divided an integer by zero/,
    'divide by zero',
    'integer divide by zero',
    'Division by zero (evaluating …)',
  ],
  [/remainder of a division by zero/, 'remainder by zero'],
  [
    /an integer division overflowed/,
    'divide result unrepresentable',
    'integer overflow',
    'Integer overflow (evaluating …)',
  ],
  [
    /float to an integer that cannot hold it/,
    'float unrepresentable in integer range',
    'invalid conversion to integer',
    'Out of bounds Trunc operation (evaluating …)',
  ],
  [
    /null or of another type/,
    'null function or function signature mismatch',
    'function signature mismatch',
    'null function',
    'indirect call signature mismatch',
    'indirect call to null',
    'call_indirect to a signature that does not match (evaluating …)',
    'call_indirect to a null table entry (evaluating …)',
  ],
  [
    /not in the table/,
    'table index is out of bounds',
    'Out of bounds call_indirect (evaluating …)',
  ],
];

for (const [told, ...words] of WORDS) {
  test(`a trap has the same message in every engine: ${told.source}`, () => {
    for (const word of words) {
      const trap = describeStop(new WebAssembly.RuntimeError(word), undefined, plan);
      assert.equal(trap.code, 'trap');
      assert.match(trap.message, told, word);
    }
  });
}

test('a stack overflow has the same message in every engine', () => {
  const firefox = new Error('too much recursion');
  for (const error of [new RangeError('Maximum call stack size exceeded'), firefox]) {
    const { code, message } = describeStop(error, error, plan);
    assert.equal(code, 'trap');
    assert.match(message, /the call stack is full; look for infinite recursion/);
  }
});

test('an unknown trap keeps the engine’s message', () => {
  const trap = describeStop(new WebAssembly.RuntimeError('illegal cast'), undefined, plan);
  assert.deepEqual([trap.code, trap.message], ['trap', 'The guest trapped: illegal cast.']);
});

test('a failure of the host reveals nothing about the host and does not blame the guest', () => {
  const trap = describeStop(new TypeError('secret is undefined'), undefined, plan);
  assert.equal(trap.code, 'host');
  assert.doesNotMatch(trap.message, /secret/);
  assert.match(trap.message, /a bug in the runtime, not in the guest/);
});

test('a stop keeps its code, message and amounts', () => {
  const stop = new GuestStop('policy', 'vibe check failed: URL forbidden by policy: x.');
  const told = describeStop(stop, stop, plan);
  assert.deepEqual([told.code, told.message], ['policy', stop.message]);
  assert.equal('limit' in told, false);
  const limited = describeStop(limitStop('output', 10, 12), undefined, plan);
  assert.deepEqual([limited.code, limited.limit, limited.used], ['output', 10, 12]);
});

test('a guest stopped from outside has a backtrace of its position', () => {
  const thrown = new WebAssembly.RuntimeError('unreachable');
  thrown.stack = 'RuntimeError\n    at busy (wasm://wasm/0123abcd:wasm-function[4]:0x1f2)';
  const told = describeStop(limitStop('time', 20, 21), thrown, plan);
  assert.equal(told.code, 'time');
  assert.deepEqual(told.backtrace, ['busy (wasm-function[4])']);
});

test('the message for each limit has its value, its unit, the amount used, and what to do', () => {
  const codes: readonly LimitCode[] = ['gas', 'memory', 'time', 'output', 'log', 'descriptors'];
  for (const code of codes) {
    assert.match(
      describeLimit(code, 10, 12),
      /^The guest used up its [a-z ]+: the limit is 10 \S.*, and it used 12\. (Raise|Close|Do|Use) .+\.$/,
    );
  }
});
