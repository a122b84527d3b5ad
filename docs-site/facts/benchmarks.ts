/** The committed benchmark results that the performance page shows, all from one machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Bar {
  readonly label: string;
  readonly value: number;
}

export interface Figure {
  /** Heading: what is measured. */
  readonly title: string;
  /** How it is measured, in a few sentences. */
  readonly text: string;
  /** Name of the benchmark: `npm run bench -- NAME` reproduces the figure. */
  readonly bench: string;
  readonly unit: string;
  /** Maximum acceptable value, drawn as a line. Absent if there is no goal. */
  readonly goal?: number;
  readonly bars: readonly Bar[];
}

export interface Benchmarks {
  readonly machine: string;
  readonly versions: string;
  /** Such as `2026-11-24`. */
  readonly taken: string;
  readonly figures: readonly Figure[];
}

/** The test beside this file checks the shape. */
export const BENCHMARKS = JSON.parse(
  readFileSync(join(process.cwd(), 'docs-site/benchmarks.json'), 'utf8'),
) as Benchmarks;

/** Returns the position of a value on the chart, in percent. The largest of bars and goal is at 92. */
export function placeOf(value: number, { bars, goal = 0 }: Figure): number {
  const largest = Math.max(goal, ...bars.map((bar) => bar.value));
  return largest === 0 ? 0 : (value / largest) * 92;
}

/** Formats with three significant digits. */
export function formatValue(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
