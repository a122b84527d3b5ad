/**
 * Statistics of runs over time: counts and percentiles in intervals of equal length. They are counted when a run is
 * written, so that the time for reading them does not depend on the number of runs.
 */
import type { Queryable } from '../connection/database.ts';
import { FINISHED } from './finished.ts';

/** Lengths of the intervals, in seconds. */
export const INTERVALS = [60, 900, 7200] as const;

export interface StatisticsFilter {
  readonly ownerId: string;
  readonly handlerId?: string | undefined;
  /** The start of an interval. Intervals start at multiples of their length, counted from 1970 on. */
  readonly from: Date;
  readonly to: Date;
  readonly intervalSeconds: (typeof INTERVALS)[number];
}

export interface RunFigures {
  readonly runs: number;
  /** Runs that did not succeed, or responded with status 500 or higher. */
  readonly failures: number;
  readonly gas: number;
  /** Accurate to 5 %. Null if there are no runs. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface IntervalFigures extends RunFigures {
  readonly at: Date;
}

export interface RunStatistics {
  /** All intervals, oldest first, with the empty ones. */
  readonly intervals: readonly IntervalFigures[];
  readonly totals: RunFigures;
}

/** Numbers of runs by slot of their duration. */
type Durations = Readonly<Record<string, number>>;

interface IntervalRow {
  readonly at: Date;
  readonly runs: number;
  readonly failures: number;
  readonly gas: number;
  readonly durations: Durations;
}

/** Slots per doubling of the duration. */
const SLOTS = 8;

/** Returns the figures of finished runs by start time. */
export async function readStatistics(
  db: Queryable,
  { ownerId, handlerId, from, to, intervalSeconds }: StatisticsFilter,
): Promise<RunStatistics> {
  const rows = await db.query<IntervalRow>(
    `select at, runs, failures, gas, durations from run_intervals
     where of_id = $1 and seconds = $2 and at >= $3 and at < $4`,
    [handlerId ?? ownerId, intervalSeconds, from, to],
  );
  const byTime = new Map(rows.map((row) => [row.at.getTime(), row]));
  const intervals: IntervalFigures[] = [];
  for (let at = from.getTime(); at < to.getTime(); at += intervalSeconds * 1000) {
    const row = byTime.get(at);
    intervals.push({ at: new Date(at), ...figuresOf(row === undefined ? [] : [row]) });
  }
  return { intervals, totals: figuresOf(rows) };
}

function figuresOf(rows: readonly IntervalRow[]): RunFigures {
  const slots = new Map<number, number>();
  for (const { durations } of rows) {
    for (const [slot, runs] of Object.entries(durations)) {
      slots.set(Number(slot), (slots.get(Number(slot)) ?? 0) + runs);
    }
  }
  const sorted = Array.from(slots).sort(([a], [b]) => a - b);
  const sum = (read: (row: IntervalRow) => number): number =>
    rows.reduce((total, row) => total + read(row), 0);
  return {
    runs: sum(({ runs }) => runs),
    failures: sum(({ failures }) => failures),
    gas: sum(({ gas }) => gas),
    p50Ms: percentileOf(sorted, 0.5),
    p99Ms: percentileOf(sorted, 0.99),
  };
}

/** @param part 0 to 1 */
function percentileOf(
  slots: readonly (readonly [slot: number, runs: number])[],
  part: number,
): number | null {
  const runs = slots.reduce((total, [, count]) => total + count, 0);
  const rank = part * runs;
  let below = 0;
  for (const [slot, count] of slots) {
    below += count;
    // The middle of a slot is 4.4 % from either end at most.
    if (below >= rank) return roundMs(2 ** ((slot + 0.5) / SLOTS));
  }
  return null;
}

/** Rounds to three digits, since a slot is no more precise. */
function roundMs(ms: number): number {
  return Number(ms.toPrecision(3));
}

/**
 * Common table expressions that add ended runs to their intervals. They follow `ended`, which has the columns of the
 * runs, and lock rows in a fixed order, as those for usage do.
 */
export const ADD_ENDED_TO_INTERVALS = `slots as (
    select owner_id, handler_id, date_bin(interval '1 minute', started_at, timestamptz '1970-01-01 00:00:00Z') as minute,
      floor(${SLOTS} * ln(greatest(wall_ms, 0.001)) / ln(2::float8))::int as slot, count(*) as runs,
      count(*) filter (where status <> 'succeeded' or http_status >= 500) as failures, sum(gas) as gas
    from ended where status in ${FINISHED} group by 1, 2, 3, 4
  ), lengths as (
    select unnest(array[${INTERVALS.join(', ')}]) as seconds
  ), sums as (
    select of_id, seconds, date_bin(seconds * interval '1 second', minute, timestamptz '1970-01-01 00:00:00Z') as at, slot,
      sum(runs) as runs, sum(failures) as failures, sum(gas) as gas
    from (select owner_id as of_id, slots.* from slots union all select handler_id, slots.* from slots) as whose, lengths
    group by 1, 2, 3, 4
  ), timed as (
    insert into run_intervals as known (of_id, seconds, at, runs, failures, gas, durations)
    select of_id, seconds, at, sum(runs), sum(failures), sum(gas), jsonb_object_agg(slot, runs) from sums
    group by 1, 2, 3 order by 1, 2, 3
    on conflict (of_id, seconds, at) do update set runs = known.runs + excluded.runs,
      failures = known.failures + excluded.failures, gas = known.gas + excluded.gas,
      durations = add_durations(known.durations, excluded.durations)
  )`;
