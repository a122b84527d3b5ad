import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UsageDay } from '../../client/index.ts';
import { lastDays, seriesOf, stack } from './series.ts';

function day(day: string, handler: string, runs: number, handlerId = handler): UsageDay {
  return {
    ...{ day, handler, handlerId, runs, failures: 0 },
    ...{ gas: runs * 10, bytesIn: 0, bytesOut: 0, wallMs: 1 },
  };
}

const RANGE = { from: '2026-02-27', to: '2026-03-02' };

test('days without a run stand in the chart with nothing, over the end of a month', () => {
  const { days, handlers, total } = seriesOf([day('2026-03-01', 'a', 3)], 'runs', RANGE);
  assert.deepEqual(days, ['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02']);
  assert.deepEqual(handlers[0]?.values, [0, 0, 3, 0]);
  assert.equal(total, 3);
});

test('the handlers that used most have a series of their own, and the others one together', () => {
  const rows = [
    day('2026-02-27', 'little', 1),
    day('2026-02-28', 'some', 2),
    day('2026-02-28', 'much', 5),
    day('2026-03-02', 'least', 1),
  ];
  const { handlers, total } = seriesOf(rows, 'gas', RANGE, 2);
  assert.deepEqual(
    handlers.map(({ name, values }) => [name, values]),
    [
      ['much', [0, 50, 0, 0]],
      ['some', [0, 20, 0, 0]],
      ['2 more', [10, 0, 0, 10]],
    ],
  );
  assert.equal(total, 90);
  assert.deepEqual(stack(handlers), [
    [0, 50, 0, 0],
    [0, 70, 0, 0],
    [10, 70, 0, 10],
  ]);
});

test('a handler that was renamed is one, by its latest name; two of one name are two', () => {
  const { handlers } = seriesOf(
    [
      day('2026-02-27', 'old', 1, '1'),
      day('2026-02-28', 'new', 1, '1'),
      day('2026-02-28', 'old', 1, '2'),
    ],
    'runs',
    RANGE,
  );
  assert.deepEqual(
    handlers.map(({ name, total }) => [name, total]),
    [
      ['new', 2],
      ['old', 1],
    ],
  );
});

test('seven days end today', () => {
  assert.deepEqual(lastDays('2026-03-02', 7), { from: '2026-02-24', to: '2026-03-02' });
});
