/** The Prometheus metrics of an executor. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { NewExecution } from '../../db/runs/executions.ts';
import { QuickHistogram } from './quick-histogram.ts';

export class ExecutorMetrics {
  readonly registry = new Registry();
  readonly #seconds = new QuickHistogram({
    name: 'trisiel_run_seconds',
    help: 'Time of a run, sleeping and waiting included, by mode.',
    label: 'mode',
    bounds: [
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ],
  });
  readonly #pages = new QuickHistogram({
    name: 'trisiel_run_memory_pages',
    help: 'Peak memory of a run, in pages of 64 KiB.',
    label: undefined,
    bounds: [1, 2, 4, 16, 64, 128, 256, 1024, 2048],
  });
  readonly #refused = this.#counter(
    'trisiel_refused_total',
    'Calls that were not run, by problem.',
    ['problem'],
  );
  readonly #shipped = this.#counter(
    'trisiel_runs_written_total',
    'Runs written to the database.',
    [],
  );

  readonly #setAside = this.#counter(
    'trisiel_journal_lines_set_aside_total',
    'Lines of the journal that the database refused, kept in refused.jsonl.',
    [],
  );

  // Plain counters, exported on scrape: prom-client's counters are a measurable part of the cost of a short run.
  #gasUsed = 0;
  readonly #ended = { sync: new Map<string, number>(), async: new Map<string, number>() };
  readonly #lookups = { known: 0, loaded: 0, refused: 0 };

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'trisiel_' });
    this.registry.registerMetric(this.#seconds);
    this.registry.registerMetric(this.#pages);
    this.#collectedCounter(
      'trisiel_run_gas_total',
      'Instructions that guests executed.',
      [],
      (report) => report({}, this.#gasUsed),
    );
    this.#collectedCounter(
      'trisiel_runs_total',
      'Runs that ended, by status and mode.',
      ['status', 'mode'],
      (report) => {
        for (const [mode, statuses] of Object.entries(this.#ended)) {
          for (const [status, count] of statuses) report({ status, mode }, count);
        }
      },
    );
    this.#collectedCounter(
      'trisiel_handler_lookups_total',
      'Lookups of a handler, by outcome.',
      ['outcome'],
      (report) => {
        for (const [outcome, count] of Object.entries(this.#lookups)) report({ outcome }, count);
      },
    );
  }

  onRun({ status, mode, gas, wallMs, memoryPages }: NewExecution): void {
    const statuses = this.#ended[mode];
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    this.#gasUsed += gas;
    this.#seconds.add(wallMs / 1000, mode);
    this.#pages.add(memoryPages);
  }

  onRefused(problem: string): void {
    this.#refused.inc({ problem });
  }

  onLookup(outcome: 'known' | 'loaded' | 'refused'): void {
    this.#lookups[outcome] += 1;
  }

  onShipped(runs: number): void {
    this.#shipped.inc(runs);
  }

  onSetAside(): void {
    this.#setAside.inc();
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

  /** Registers a counter whose values are collected on scrape. */
  #collectedCounter<T extends string>(
    name: string,
    help: string,
    labelNames: T[],
    ask: (report: (labels: Partial<Record<T, string>>, count: number) => void) => void,
  ): void {
    const counter: Counter<T> = new Counter({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        counter.reset();
        ask((labels, count) => counter.inc(labels, count));
      },
    });
  }
}
