import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiUsageDay } from '../../client/index.ts';
import { lastDays, sumByDay, sumByHandler } from './sums.ts';

function day(day: string, handler: string, runs: number, handlerId = handler): ApiUsageDay {
  return {
    ...{ day, handler, handlerId, runs, failures: 1 },
    ...{ gas: runs * 10, bytesIn: 2, bytesOut: 3, wallMs: 0.5 },
  };
}

test('days without a run are zero in the chart, also across the end of a month', () => {
  const range = { from: '2026-02-27', to: '2026-03-02' };
  const rows = [day('2026-02-28', 'a', 1), day('2026-03-01', 'a', 3), day('2026-03-01', 'b', 4)];
  assert.deepEqual(
    sumByDay(rows, range).map(({ day, runs, failures, gas }) => [day, runs, failures, gas]),
    [
      ['2026-02-27', 0, 0, 0],
      ['2026-02-28', 1, 1, 10],
      ['2026-03-01', 7, 2, 70],
      ['2026-03-02', 0, 0, 0],
    ],
  );
});

test('handlers are identified by id, shown by their latest name, and sorted by gas', () => {
  const rows = [
    day('2026-02-27', 'old', 1, '1'),
    day('2026-02-28', 'new', 1, '1'),
    day('2026-02-28', 'old', 5, '2'),
  ];
  assert.deepEqual(
    sumByHandler(rows).map(({ name, runs, bytesOut, wallMs }) => [name, runs, bytesOut, wallMs]),
    [
      ['old', 5, 3, 0.5],
      ['new', 2, 6, 1],
    ],
  );
});

test('the last days end today, in UTC', () => {
  const now = new Date('2026-03-02T23:59:00Z');
  assert.deepEqual(lastDays(now, 7), { from: '2026-02-24', to: '2026-03-02' });
  assert.deepEqual(lastDays(now, 1), { from: '2026-03-02', to: '2026-03-02' });
});
