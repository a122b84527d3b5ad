/** Usage by day and handler, as a chart and a table want it: every day of the range, each handler a row of values. */
import type { UsageDay } from '../../client/index.ts';

export type UsageMeasure = 'runs' | 'failures' | 'gas' | 'wallMs' | 'bytesIn' | 'bytesOut';

export interface HandlerSeries {
  /** Undefined for the sum of those that are not shown by themselves. */
  readonly handlerId: string | undefined;
  readonly name: string;
  /** One a day. */
  readonly values: readonly number[];
  readonly total: number;
}

export interface UsageSeries {
  /** `2026-11-24`, of UTC; without gaps. */
  readonly days: readonly string[];
  /** The largest first; what is left as the last. */
  readonly handlers: readonly HandlerSeries[];
  readonly total: number;
}

const DAY_MS = 86_400_000;

/** @param most handlers that have a series of their own */
export function seriesOf(
  rows: readonly UsageDay[],
  measure: UsageMeasure,
  { from, to }: { readonly from: string; readonly to: string },
  most = 5,
): UsageSeries {
  const days = daysBetween(from, to);
  const places = new Map(days.map((day, at) => [day, at]));
  const found = new Map<string, { name: string; values: number[] }>();
  for (const row of rows) {
    const at = places.get(row.day);
    if (at === undefined) continue;
    const series = found.get(row.handlerId) ?? { name: row.handler, values: days.map(() => 0) };
    // A handler that was renamed goes by its latest name.
    series.name = row.handler;
    series.values[at] = (series.values[at] ?? 0) + row[measure];
    found.set(row.handlerId, series);
  }
  const all = Array.from(found, ([handlerId, { name, values }]) => ({
    handlerId,
    name,
    values,
    total: sum(values),
  })).sort((one, other) => other.total - one.total || one.name.localeCompare(other.name));
  const rest = all.slice(most);
  const restValues = days.map((_day, at) => sum(rest.map(({ values }) => values[at] ?? 0)));
  return {
    days,
    handlers: [
      ...all.slice(0, most),
      ...(rest.length === 0
        ? []
        : [
            {
              handlerId: undefined,
              name: `${rest.length} more`,
              values: restValues,
              total: sum(restValues),
            },
          ]),
    ],
    total: sum(all.map(({ total }) => total)),
  };
}

/** The bars of a stack: each the sum of itself and those before it, so that the last is the whole. */
export function stack(handlers: readonly HandlerSeries[]): number[][] {
  const below: number[] = [];
  return handlers.map(({ values }) =>
    values.map((value, at) => (below[at] = (below[at] ?? 0) + value)),
  );
}

/** Both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

/** @param days 1 for the day itself alone */
export function lastDays(today: string, days: number): { from: string; to: string } {
  const from = new Date(Date.parse(today) - (days - 1) * DAY_MS).toISOString().slice(0, 10);
  return { from, to: today };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
