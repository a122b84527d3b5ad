import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { RE2JS, RE2Set } from 're2js';
import { MatcherCache } from './matchers.ts';
import { decide, parsePolicy } from './policy.ts';

test('an expression is compiled once when its policy is parsed, and once more for all matches of all policies with it', () => {
  const one = mock.method(RE2JS, 'compile');
  const sets = mock.method(RE2Set.prototype, 'compile');
  const text = 'allow (\n  ^https://once\\.example/\n  ^null:\n)\n';
  const [first, second] = [parsePolicy(text), parsePolicy(`gas-limit 7\n${text}`)];
  for (const policy of [first, second, first]) {
    assert.equal(decide(policy, 'https://once.example/x').allowed, true);
  }
  assert.deepEqual(decide(second, 'null://').rule, { expression: '^null:', line: 4 });
  assert.deepEqual([one.mock.callCount(), sets.mock.callCount()], [4, 1]);
  mock.restoreAll();
});

test('the number of RE2 programs in memory is limited, and dropped ones are built again', () => {
  const cache = new MatcherCache(2);
  const [a, b, c] = ['a', 'b', 'c'].map((each) => parsePolicy(`allow ^${each}`));
  assert.ok(a && b && c);
  const first = cache.of(a);
  cache.of(b);
  assert.equal(cache.of(a), first);
  cache.of(c);
  assert.equal(cache.of(a), first);
  cache.of(b);
  cache.of(c);
  assert.equal(cache.size, 2);
  const again = cache.of(a);
  assert.notEqual(again, first);
  assert.deepEqual(
    [again.allow('a'), again.allow('b'), again.programSize],
    [0, undefined, first.programSize],
  );
});
