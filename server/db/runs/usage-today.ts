/** An owner's usage today, which quotas are checked against. */
import { onlyRow, type Queryable } from '../connection/database.ts';

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
