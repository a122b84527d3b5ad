import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Policies } from './policies.ts';

test('a policy is compiled once for all its handlers, and the number of policies in memory is limited', () => {
  const policies = new Policies(2);
  const first = policies.parse('allow a');
  assert.equal(policies.parse('allow a'), first);
  policies.parse('allow b');
  policies.parse('allow a');
  policies.parse('allow c');
  assert.equal(policies.parse('allow a'), first);
  assert.equal(policies.size, 2);
  assert.throws(() => policies.parse('allow ('.concat('a')), /not closed|Line 1/);
});
