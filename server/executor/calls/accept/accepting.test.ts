import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../../../problems/problems.ts';
import { Accepting } from './accepting.ts';

test('a sender of many slow bodies does not block other callers, or calls to other owners', () => {
  const accepting = new Accepting({ ofCaller: 2, ofOwner: 4 });
  const begin = (ownerId: string, caller: string, isLocal = false): (() => void) | string => {
    try {
      return accepting.begin({ ownerId, caller, isLocal });
    } catch (error) {
      assert.ok(error instanceof ProblemError);
      return `${error.code}: ${error.message}`;
    }
  };
  const slow = [begin('a', '192.0.2.1'), begin('a', '192.0.2.1')];
  assert.match(String(begin('a', '192.0.2.1')), /^quota-reached: 2 of your requests /);
  const others = [begin('a', '192.0.2.2'), begin('a', '192.0.2.2', true)];
  assert.match(String(begin('a', '192.0.2.3')), /^quota-reached: 4 requests .* the owner’s/);
  assert.match(String(begin('a', '127.0.0.1', true)), /^quota-reached: 4 requests/);
  assert.equal(typeof begin('b', '192.0.2.1'), 'function');
  for (const end of [...slow, ...others]) if (typeof end === 'function') end();
  assert.equal(typeof begin('a', '192.0.2.1'), 'function');
});
