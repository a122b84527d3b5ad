import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatBytes,
  formatCount,
  formatMany,
  formatMs,
  formatPages,
  formatShare,
  formatShort,
} from './quantities.ts';

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
  assert.deepEqual([0, 1023, 1024, 1536, 12_345, 4 * 1024 * 1024, 3e12].map(formatBytes), [
    '0 B',
    '1,023 B',
    '1 KiB',
    '1.5 KiB',
    '12.1 KiB',
    '4 MiB',
    '2,794 GiB',
  ]);
  assert.deepEqual([1, 17].map(formatPages), ['1 page (64 KiB)', '17 pages (1.06 MiB)']);
});

test('gas is exact on a bill, and short on a chart', () => {
  assert.equal(formatCount(33_554_438), '33,554,438');
  assert.equal(formatShort(33_554_438), '33.6M');
});

test('a noun agrees with its count, and a small share is not shown as zero', () => {
  assert.deepEqual(
    [0, 1, 1234].map((count) => formatMany(count, 'page')),
    ['0 pages', '1 page', '1,234 pages'],
  );
  assert.deepEqual([0, 0.0001, 0.125, 1].map(formatShare), ['0.0%', '<0.1%', '12.5%', '100.0%']);
});
