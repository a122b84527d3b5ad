import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { describeRemedy } from './limits.ts';
import { parsePolicy } from './policy/policy.ts';

const POLICY = parsePolicy('gas-limit 1000\nram-page-limit 128\n');
const TIER = { setBy: 'The free tier' };

suite('the remedy for a limit', () => {
  test('is raising the policy if the policy limits the run', () => {
    for (const limits of [undefined, { gas: 1001, memoryPages: 129, ...TIER }]) {
      assert.equal(
        describeRemedy('gas', limits, POLICY),
        'Raise gas-limit in the policy, or do less.',
      );
      assert.equal(
        describeRemedy('memory', limits, POLICY),
        'Raise ram-page-limit in the policy, or use less.',
      );
    }
  });

  test('is not raising a policy that is limited by the tier', () => {
    const limits = { gas: 1000, memoryPages: 128, ...TIER };
    assert.equal(
      describeRemedy('gas', limits, POLICY),
      'The free tier allows no more, even if the policy is changed: do less.',
    );
    assert.equal(
      describeRemedy('memory', limits, POLICY),
      'The free tier allows no more, even if the policy is changed: use less.',
    );
  });

  test('is raising the limit of the run by default', () => {
    assert.equal(
      describeRemedy('memory', { memoryPages: 4 }, POLICY),
      'Raise the memory limit of the run, or use less.',
    );
  });
});
