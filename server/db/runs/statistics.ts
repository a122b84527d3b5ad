/** Statistics of runs over time: counts and percentiles in buckets of equal length. */
import type { Database } from '../connection/database.ts';
import { FINISHED } from './finished.ts';

export interface StatisticsFilter {
  readonly ownerId: string;
  readonly handlerId?: string | undefined;
  readonly from: Date;
  readonly to: Date;
  readonly bucketSeconds: number;
}

export interface RunFigures {
  readonly runs: number;
  /** Runs that did not succeed, or responded with status 500 or higher. */
  readonly failures: number;
  readonly gas: number;
  /** Null if there are no runs. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Figures of a bucket, or of the whole period if `at` is null. */
export interface StatisticsBucket extends RunFigures {
  readonly at: Date | null;
}

/** Time limit of the query. */
const MAX_MS = 5000;

/**
 * Returns the figures of finished runs by start time: all buckets, oldest first and including empty ones, then the whole
 * period.
 */
export function readStatistics(
  db: Database,
  filter: StatisticsFilter,
): Promise<StatisticsBucket[]> {
  return db.transaction(async (tx) => {
    await tx.execute(`set local statement_timeout = ${MAX_MS}`);
    return tx.query<StatisticsBucket>(
      `with counted as (
         select date_bin(make_interval(secs => $5), started_at, $3::timestamptz) as at, count(*) as runs,
           count(*) filter (where status <> 'succeeded' or http_status >= 500) as failures, sum(gas)::bigint as gas,
           percentile_cont(0.5) within group (order by wall_ms) as p50_ms,
           percentile_cont(0.99) within group (order by wall_ms) as p99_ms
         from executions
         where owner_id = $1 and ($2::uuid is null or handler_id = $2)
           and started_at >= $3::timestamptz and started_at < $4::timestamptz and status in ${FINISHED}
         group by grouping sets ((1), ())
       ), steps as (
         select generate_series($3::timestamptz, $4::timestamptz - interval '1 ms',
           make_interval(secs => $5)) as at
         union all select null
       )
       select steps.at, coalesce(runs, 0) as runs, coalesce(failures, 0) as failures,
         coalesce(gas, 0) as gas, p50_ms as "p50Ms", p99_ms as "p99Ms"
       from steps left join counted on counted.at is not distinct from steps.at
       order by steps.at nulls last`,
      [filter.ownerId, filter.handlerId ?? null, filter.from, filter.to, filter.bucketSeconds],
    );
  });
}
