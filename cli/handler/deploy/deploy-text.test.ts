import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FirstAnswer } from './answering.ts';
import { describeFailure } from './deploy-text.ts';

test('a first call that failed is reported, also if the token may not read its execution', () => {
  const sentence = (
    httpStatus: number,
    executionId: string | null,
    status: FirstAnswer['status'],
  ): string | undefined => describeFailure({ httpStatus, executionId, status })?.plain;
  assert.equal(sentence(200, 'e', 'succeeded'), undefined);
  // The handler's own response.
  assert.equal(sentence(500, 'e', 'succeeded'), undefined);
  assert.equal(sentence(404, 'e', null), undefined);
  assert.equal(sentence(202, null, null), undefined);
  assert.match(sentence(502, 'e', 'failed') ?? '', /status failed\. See: trisiel execution e$/);
  assert.match(
    sentence(502, 'e', null) ?? '',
    /^that call failed with HTTP 502\..* scope executions:read\. See: trisiel execution e$/,
  );
  assert.match(sentence(500, null, null) ?? '', /HTTP 500 and did not run the handler\.$/);
});
