import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { reportStop } from './start.ts';

const TIER = { gas: 1000, memoryPages: 256 };
const RAISE = {
  gas: 'Raise gas-limit in the policy, or do less.',
  memory: 'Raise ram-page-limit in the policy, or use less.',
} as const;

function detailOf(code: 'gas' | 'memory', limit: number): string {
  const message = `The guest used it up: the limit is ${limit}. ${RAISE[code]}`;
  return reportStop({ message }, { trap: { code, limit } }, TIER).message;
}

suite('a run that was stopped at a limit', () => {
  test('of its tier is not told to raise a policy that the tier caps', () => {
    assert.match(detailOf('memory', 256), /tier .* allows no more than 256, .*: use less\.$/);
    assert.match(detailOf('gas', 1000), /tier .* allows no more than 1000, .*: do less\.$/);
    assert.doesNotMatch(detailOf('memory', 256) + detailOf('gas', 1000), /Raise/);
  });

  test('of its policy is told to raise that', () => {
    assert.match(detailOf('memory', 128), /Raise ram-page-limit in the policy, or use less\.$/);
    assert.match(detailOf('gas', 500), /Raise gas-limit in the policy, or do less\.$/);
  });
});
