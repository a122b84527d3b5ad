/** A histogram for Prometheus that is cheap to add to: the library's own counting is a part of what a short run costs. */
import { Histogram, type MetricValueWithName } from 'prom-client';

export interface QuickHistogramOptions<T extends string> {
  readonly name: string;
  readonly help: string;
  /** Of the series; undefined: there is one series. */
  readonly label: T | undefined;
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
}

interface Series {
  /** Of each bound what it holds and the one below does not; last, what is above all of them. */
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

  /** What the library reads, for its text and for its JSON; its types do not push of it. */
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
