/** Usage by day. */
import { onlyRow, type Queryable } from '../connection/database.ts';
import { FINISHED } from './finished.ts';

export interface UsageDay {
  /** `2026-01-31`, in UTC. */
  readonly day: string;
  readonly handler: string;
  readonly handlerId: string;
  readonly runs: number;
  readonly failures: number;
  readonly gas: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly wallMs: number;
}

export interface UsageFilter {
  readonly ownerId: string;
  readonly handlerId?: string | undefined;
  /** The first and the last day, `2026-01-31`. */
  readonly from: string;
  readonly to: string;
}

/** Oldest first. */
export function listUsage(db: Queryable, filter: UsageFilter): Promise<UsageDay[]> {
  return db.query<UsageDay>(
    `select to_char(day, 'YYYY-MM-DD') as day, handlers.name as handler, handler_id as "handlerId",
       runs, failures, gas, bytes_in as "bytesIn", bytes_out as "bytesOut", wall_ms as "wallMs"
     from usage_days join handlers on handlers.id = handler_id
     where usage_days.owner_id = $1 and ($2::uuid is null or handler_id = $2)
       and day between $3::date and $4::date
     order by usage_days.day, handlers.name limit 10000`,
    [filter.ownerId, filter.handlerId ?? null, filter.from, filter.to],
  );
}

/** An owner's usage today, which quotas are checked against. */
export interface UsageToday {
  readonly runs: number;
  readonly failures: number;
  readonly gas: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly wallMs: number;
}

/** Usage of all the owner's handlers since midnight UTC. */
export async function sumUsageToday(db: Queryable, ownerId: string): Promise<UsageToday> {
  return onlyRow(
    await db.query<UsageToday>(
      `select coalesce(sum(runs), 0)::bigint as runs, coalesce(sum(failures), 0)::bigint as failures,
         coalesce(sum(gas), 0)::bigint as gas, coalesce(sum(bytes_in), 0)::bigint as "bytesIn",
         coalesce(sum(bytes_out), 0)::bigint as "bytesOut", coalesce(sum(wall_ms), 0) as "wallMs"
       from usage_days
       where owner_id = $1 and day = (now() at time zone 'utc')::date`,
      [ownerId],
    ),
  );
}

/**
 * Adds runs that have ended to daily usage. This is part of a statement in which `ended` has the columns of the runs. It locks rows in a fixed order, so that concurrent statements do not deadlock. A 5xx response is a failure, as
 * in the statistics.
 */
export const ADD_ENDED_TO_USAGE = `insert into usage_days as day
    (owner_id, handler_id, day, runs, failures, gas, bytes_in, bytes_out, wall_ms)
  select owner_id, handler_id, (started_at at time zone 'utc')::date, count(*),
    count(*) filter (where status <> 'succeeded' or http_status >= 500), sum(gas), sum(bytes_in),
    sum(bytes_out), sum(wall_ms)
  from ended where status in ${FINISHED} group by 1, 2, 3
  order by 1, 3, 2
  on conflict (owner_id, day, handler_id) do update set runs = day.runs + excluded.runs,
    failures = day.failures + excluded.failures, gas = day.gas + excluded.gas,
    bytes_in = day.bytes_in + excluded.bytes_in, bytes_out = day.bytes_out + excluded.bytes_out,
    wall_ms = day.wall_ms + excluded.wall_ms`;
