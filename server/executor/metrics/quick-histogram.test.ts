import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AggregatorRegistry, Histogram, Registry } from 'prom-client';
import { QuickHistogram } from './quick-histogram.ts';

const BOUNDS = [0.1, 1, 10];
const VALUES = [0.05, 0.1, 0.100_1, 5, 10, 11, 0];

test('its output equals that of the library’s histogram, with and without a label, for one process and for several', async () => {
  for (const label of ['mode', undefined] as const) {
    const own = new Registry();
    const quick = new QuickHistogram({ name: 'h', help: 'H.', label, bounds: BOUNDS });
    own.registerMetric(quick);
    const library = new Registry();
    const slow = new Histogram({
      name: 'h',
      help: 'H.',
      labelNames: label === undefined ? [] : [label],
      buckets: BOUNDS,
      registers: [library],
    });
    for (const [at, value] of VALUES.entries()) {
      const series = at % 2 === 0 ? 'sync' : 'async';
      quick.add(value, label === undefined ? undefined : series);
      slow.observe(label === undefined ? {} : { [label]: series }, value);
    }
    const lines = (text: string): string[] =>
      text
        .split('\n')
        .map((line) =>
          line.replace(/\{(.*)\}/, (_, labels: string) => labels.split(',').sort().join()),
        );
    assert.deepEqual(lines(await own.metrics()), lines(await library.metrics()));
    const both = async (of: Registry): Promise<string> => {
      const part = await of.getMetricsAsJSON();
      return AggregatorRegistry.aggregate([part, part]).metrics();
    };
    assert.deepEqual(lines(await both(own)).sort(), lines(await both(library)).sort());
  }
});
