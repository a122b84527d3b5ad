/**
 * A Prometheus histogram with cheap observations: prom-client's own are a measurable part of the cost of a short run.
 */
import { Histogram, type MetricValueWithName } from 'prom-client';

export interface QuickHistogramOptions<T extends string> {
  readonly name: string;
  readonly help: string;
  /** Label of the series; undefined: a single series. */
  readonly label: T | undefined;
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
}

interface Series {
  /** Per-bucket, non-cumulative counts; the last bucket is +Inf. */
  readonly counts: Float64Array;
  sum: number;
}

export class QuickHistogram<T extends string> extends Histogram<T> {
  readonly #options: QuickHistogramOptions<T>;
  /** By the label's value. */
  readonly #series = new Map<string, Series>();

  constructor(options: QuickHistogramOptions<T>) {
    const { name, help, label, bounds } = options;
    super({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      buckets: [...bounds],
      registers: [],
    });
    this.#options = options;
  }

  /** @param series the label's value */
  add(value: number, series = ''): void {
    const { bounds } = this.#options;
    let known = this.#series.get(series);
    if (known === undefined) {
      known = { counts: new Float64Array(bounds.length + 1), sum: 0 };
      this.#series.set(series, known);
    }
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? 0)) at++;
    known.counts[at] = (known.counts[at] ?? 0) + 1;
    known.sum += value;
  }

  /** Called by prom-client for text and JSON output; its types do not declare it. */
  async getForPromString() {
    const { name, help, label, bounds } = this.#options;
    const values: (MetricValueWithName<T> & { readonly sharedLabels: object })[] = [];
    for (const [series, { counts, sum }] of this.#series) {
      const push = (suffix: string, value: number, le?: number | string): void => {
        const labels: Partial<Record<string, string | number>> = {
          ...(label === undefined ? {} : { [label]: series }),
          ...(le === undefined ? {} : { le }),
        };
        values.push({ metricName: `${name}_${suffix}`, labels, value, sharedLabels: {} });
      };
      let total = 0;
      counts.forEach((count, at) => {
        total += count;
        push('bucket', total, bounds[at] ?? '+Inf');
      });
      push('sum', sum);
      push('count', total);
    }
    return { name, help, type: 'histogram', values, aggregator: 'sum' };
  }
}
