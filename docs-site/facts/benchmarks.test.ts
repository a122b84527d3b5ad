import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { BENCHMARKS, formatValue, placeOf, type Figure } from './benchmarks.ts';

test('each figure has a text and bars, and a benchmark that reproduces it', () => {
  assert.match(BENCHMARKS.taken, /^\d{4}-\d\d-\d\d$/);
  assert.ok(BENCHMARKS.machine.length > 10 && BENCHMARKS.versions.length > 10);
  assert.ok(BENCHMARKS.figures.length > 0);
  for (const { title, text, bench, unit, bars } of BENCHMARKS.figures) {
    assert.match(text, /\.$/, title);
    assert.ok(unit.length > 0, title);
    assert.ok(existsSync(`bench/${bench}.ts`), `${title}: there is no bench/${bench}.ts`);
    for (const { label, value } of bars) assert.ok(value > 0, `${title}: ${label}`);
  }
});

test('bars and goal are drawn to the same scale', () => {
  const figure: Figure = {
    title: '',
    text: '',
    bench: '',
    unit: 'ms',
    goal: 20,
    bars: [{ label: 'a', value: 5 }],
  };
  assert.equal(placeOf(20, figure), 92);
  assert.equal(placeOf(5, figure), 23);
  assert.equal(formatValue(1234.567), '1,230');
});
