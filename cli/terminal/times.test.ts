import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRelativeTime } from './quantities.ts';
import { readTimeOption } from './times.ts';

test('times in the past are shown relative to now', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  const cases = {
    '2026-11-24T11:59:58Z': '2 seconds ago',
    '2026-11-24T11:57:00Z': '3 minutes ago',
    '2026-11-24T12:00:00Z': 'now',
    '2026-11-23T11:00:00Z': 'yesterday',
    '2027-02-24T12:00:00Z': 'in 3 months',
    '2024-11-24T12:00:00Z': '2 years ago',
    '2027-02-22T11:59:00Z': 'in 3 months',
  };
  for (const [time, words] of Object.entries(cases))
    assert.equal(formatRelativeTime(time, now), words);
});

test('an age or a time is parsed, and anything else is refused with an explanation', () => {
  const ago = Date.now() - Date.parse(readTimeOption('since', '2h') ?? '');
  assert.ok(Math.abs(ago - 7_200_000) < 60_000);
  assert.equal(readTimeOption('since', '2026-11-24T10:00:00+01:00'), '2026-11-24T09:00:00.000Z');
  assert.equal(readTimeOption('since', undefined), undefined);
  const wrongs = ['2', 'yesterday', '-1h', '99999999999999w', '2026-13-45', '2026-11-24 and more'];
  for (const wrong of [...wrongs, '2026-02-30', '2026-02-30T10:00:00Z', '2026-11-24T24:00']) {
    assert.throws(
      () => readTimeOption('since', wrong),
      /--since is ".*"; write an age \(30s, 15m, 2h, 7d\)/,
    );
  }
});

test('a date or time without a zone is in UTC on every machine', (t) => {
  const zone = process.env['TZ'];
  t.after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
  process.env['TZ'] = 'America/New_York';
  for (const given of ['2026-11-28', '2026-11-28T00:00', '2026-11-28 00:00:00']) {
    assert.equal(readTimeOption('since', given), '2026-11-28T00:00:00.000Z', given);
  }
  assert.equal(readTimeOption('since', '2026-11-28T00:00:00.5-05:00'), '2026-11-28T05:00:00.500Z');
});
