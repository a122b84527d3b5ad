import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, parsePolicy } from '../olin/index.ts';
import { describeFailure } from './failure-text.ts';

test('an error in a policy is shown with its position exactly once', () => {
  try {
    parsePolicy('allow (\n  a(b\n)\n');
    assert.fail('it was parsed');
  } catch (error) {
    assert.ok(error instanceof InputError);
    assert.equal(describeFailure(error).match(/Line 2, column 3/g)?.length, 1);
  }
  assert.equal(describeFailure({ message: 'No "=".', line: 3 }), 'Line 3, column 1: No "=".');
  assert.equal(describeFailure({ message: 'No module.' }), 'No module.');
});
