/** Sums usage by day for the charts and by handler for the table. */
import type { ApiUsageDay } from '../../client/index.ts';

export type UsageSum = Readonly<
  Record<'runs' | 'failures' | 'gas' | 'wallMs' | 'bytesIn' | 'bytesOut', number>
>;

export interface DaySum extends UsageSum {
  /** UTC date: `2026-11-24`. */
  readonly day: string;
}

export interface HandlerSum extends UsageSum {
  readonly handlerId: string;
  /** The latest name, if the handler was renamed. */
  readonly name: string;
}

export interface DayRange {
  readonly from: string;
  /** Inclusive. */
  readonly to: string;
}

const DAY_MS = 86_400_000;
const NOTHING: UsageSum = { runs: 0, failures: 0, gas: 0, wallMs: 0, bytesIn: 0, bytesOut: 0 };

/** Returns every day of the range in ascending order, including days without runs. */
export function sumByDay(rows: readonly ApiUsageDay[], range: DayRange): DaySum[] {
  const sums = new Map(daysOf(range).map((day) => [day, NOTHING]));
  for (const row of rows) {
    const sum = sums.get(row.day);
    if (sum !== undefined) sums.set(row.day, add(sum, row));
  }
  return Array.from(sums, ([day, sum]) => ({ day, ...sum }));
}

/** Returns the handlers by descending gas. @param rows in ascending order of days */
export function sumByHandler(rows: readonly ApiUsageDay[]): HandlerSum[] {
  const sums = new Map<string, HandlerSum>();
  for (const row of rows) {
    const { handlerId, handler: name } = row;
    sums.set(handlerId, { handlerId, name, ...add(sums.get(handlerId) ?? NOTHING, row) });
  }
  return [...sums.values()].sort(
    (one, other) => other.gas - one.gas || one.name.localeCompare(other.name),
  );
}

/** Returns the last `days` days including today, in UTC. */
export function lastDays(now: Date, days: number): DayRange {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return { from: day(now.getTime() - (days - 1) * DAY_MS), to: day(now.getTime()) };
}

function daysOf({ from, to }: DayRange): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

function add(one: UsageSum, other: UsageSum): UsageSum {
  return {
    runs: one.runs + other.runs,
    failures: one.failures + other.failures,
    gas: one.gas + other.gas,
    wallMs: one.wallMs + other.wallMs,
    bytesIn: one.bytesIn + other.bytesIn,
    bytesOut: one.bytesOut + other.bytesOut,
  };
}
