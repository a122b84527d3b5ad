/** Daily run quotas, which executors lease in blocks. */
import { onlyRow, type Queryable } from '../connection/database.ts';

export interface OwnersDay {
  readonly ownerId: string;
  /** As `2026-11-28`, UTC. */
  readonly day: string;
}

export interface RunBlock extends OwnersDay {
  /** The owner's runs per day across all executors. */
  readonly limit: number;
  /** Maximum number of runs to lease. */
  readonly wanted: number;
  /** Runs started while the database was unreachable: they are counted even above the limit. */
  readonly owed: number;
}

/**
 * Leases a block of runs in one statement. Returns their number: 0 if the day's runs are used up. The count of a new day
 * starts with the recorded runs.
 */
export async function takeRuns(db: Pick<Queryable, 'query'>, block: RunBlock): Promise<number> {
  const { granted } = onlyRow(
    await db.query<{ granted: number }>(
      `with base as (
         select coalesce(sum(runs), 0)::bigint + $5::bigint as taken from usage_days
         where owner_id = $1 and day = $2::date
       ), first as (
         select taken, greatest(0, least($3::bigint, $4::bigint - taken)) as granted from base
       ), old as (
         delete from run_days where owner_id = $1 and day < $2::date - 1
       )
       insert into run_days as known (owner_id, day, taken, granted)
       select $1, $2::date, taken + granted, granted from first
       on conflict (owner_id, day) do update set
         taken = known.taken + $5::bigint + greatest(0, least($3::bigint, $4::bigint - known.taken - $5::bigint)),
         granted = greatest(0, least($3::bigint, $4::bigint - known.taken - $5::bigint))
       returning granted`,
      [block.ownerId, block.day, block.wanted, block.limit, block.owed],
    ),
  );
  return granted;
}

/** Returns leased runs that did not start. */
export async function giveRunsBack(
  db: Pick<Queryable, 'query'>,
  { ownerId, day }: OwnersDay,
  runs: number,
): Promise<void> {
  await db.query(
    `update run_days set taken = greatest(0, taken - $3::bigint) where owner_id = $1 and day = $2::date`,
    [ownerId, day, runs],
  );
}
