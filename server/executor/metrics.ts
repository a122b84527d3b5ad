/** What Prometheus reads of an executor. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { NewExecution } from '../db/executions.ts';

export class ExecutorMetrics {
  readonly registry = new Registry();
  readonly #seconds = this.#histogram(
    'trisiel_run_seconds',
    'Time of a run, sleeping and waiting included, by mode.',
    ['mode'],
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  );
  readonly #pages = this.#histogram(
    'trisiel_run_memory_pages',
    'Peak memory of a run, in pages of 64 KiB.',
    [],
    [1, 2, 4, 16, 64, 128, 256, 1024, 2048],
  );
  readonly #runs = this.#counter('trisiel_runs_total', 'Runs that ended, by status and mode.', [
    'status',
    'mode',
  ]);
  readonly #gas = this.#counter('trisiel_run_gas_total', 'Instructions that guests executed.', []);
  readonly #refused = this.#counter(
    'trisiel_refused_total',
    'Calls that were not run, by problem.',
    ['problem'],
  );
  readonly #cache = this.#counter(
    'trisiel_handler_lookups_total',
    'Lookups of a handler, by outcome.',
    ['outcome'],
  );
  readonly #shipped = this.#counter(
    'trisiel_runs_written_total',
    'Runs written to the database.',
    [],
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'trisiel_' });
  }

  onRun({ status, mode, gas, wallMs, memoryPages }: NewExecution): void {
    this.#runs.inc({ status, mode });
    this.#gas.inc(gas);
    this.#seconds.observe({ mode }, wallMs / 1000);
    this.#pages.observe(memoryPages);
  }

  onRefused(problem: string): void {
    this.#refused.inc({ problem });
  }

  onLookup(outcome: 'known' | 'loaded' | 'refused'): void {
    this.#cache.inc({ outcome });
  }

  onShipped(runs: number): void {
    this.#shipped.inc(runs);
  }

  watch(name: string, help: string, read: () => number | Promise<number>): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        gauge.set(await read());
      },
    });
  }

  #counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<T extends string>(
    name: string,
    help: string,
    labelNames: T[],
    buckets: number[],
  ): Histogram<T> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
