/** The results of `npm run bench` that the page about performance shows, taken on one machine and committed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Bar {
  readonly label: string;
  readonly value: number;
}

export interface Figure {
  /** What is measured, as a heading. */
  readonly title: string;
  /** One or two sentences: how, and against what. */
  readonly text: string;
  /** `npm run bench -- NAME` takes it again. */
  readonly bench: string;
  readonly unit: string;
  /** The most that is wanted; drawn as a line. Absent where there is none. */
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

/** The shape is proved by the test beside this file. */
export const BENCHMARKS = JSON.parse(
  readFileSync(join(process.cwd(), 'docs-site/benchmarks.json'), 'utf8'),
) as Benchmarks;

/** How far along the chart a value is, in percent; the largest of the bars and the goal is at 92. */
export function placeOf(value: number, { bars, goal = 0 }: Figure): number {
  const largest = Math.max(goal, ...bars.map((bar) => bar.value));
  return largest === 0 ? 0 : (value / largest) * 92;
}

/** Three digits that count. */
export function formatValue(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
