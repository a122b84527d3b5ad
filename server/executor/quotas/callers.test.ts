import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Callers } from './callers.ts';

test('a caller with many connections can use only a part of an owner’s daily quota', () => {
  let now = 0;
  const callers = new Callers(() => now);
  const count = (caller: string, owner = 'o'): number => {
    let runs = 0;
    while (runs < 1000 && callers.take(owner, caller, 100) === 'taken') runs += 1;
    return runs;
  };
  assert.equal(count('192.0.2.1'), 50);
  assert.equal(count('192.0.2.1'), 0);
  assert.equal(count('192.0.2.2'), 50);
  assert.equal(count('192.0.2.1', 'other'), 50);
  now += 43_200_000;
  assert.equal(count('192.0.2.1'), 25);
  now += 10 * 86_400_000;
  assert.equal(count('192.0.2.1'), 50);
});

test('any number of callers takes a limited amount of memory', () => {
  const callers = new Callers(() => 0, undefined, 100);
  for (let i = 0; i < 1000; i++) void callers.take('o', `192.0.2.${i}`, 10);
  assert.equal(callers.size, 100);
});
