import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDay, readTime } from './times.ts';

test('a day such as 30 February is refused, not converted to the next month', () => {
  assert.equal(readTime('query/since', '2026-02-28T23:00:00-05:00').getUTCMonth(), 2);
  assert.equal(readDay('query/from', '2024-02-29'), '2024-02-29');
  for (const wrong of ['2026-02-30T00:00:00Z', '2026-04-31T10:00:00+02:00', '2026-13-01T00:00:00Z'])
    assert.throws(() => readTime('query/since', wrong), /query\/since is not a valid time/);
  assert.throws(() => readDay('query/from', '2026-02-30'), /not a valid day/);
});
