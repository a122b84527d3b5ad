import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatGas, formatMs, formatPages, formatShort } from './format.ts';

test('times are formatted in a suitable unit', () => {
  const read = [0, 0.0241, 0.88, 19.94, 999, 1500, 59_900, 125_000].map(formatMs);
  assert.deepEqual(read, [
    '0 ms',
    '24.1 µs',
    '0.88 ms',
    '19.9 ms',
    '999 ms',
    '1.5 s',
    '59.9 s',
    '2 min 5 s',
  ]);
});

test('bytes and pages are formatted in powers of two, like limits', () => {
  assert.deepEqual([0, 1023, 1024, 1536, 4 * 1024 * 1024, 3e12].map(formatBytes), [
    '0 B',
    '1023 B',
    '1 KiB',
    '1.5 KiB',
    '4 MiB',
    '2794 GiB',
  ]);
  assert.deepEqual([1, 17].map(formatPages), ['1 page (64 KiB)', '17 pages (1.06 MiB)']);
});

test('gas is exact on a bill, and short on a chart', () => {
  assert.equal(formatGas(33_554_438), '33,554,438');
  assert.equal(formatShort(33_554_438), '33.6M');
});
