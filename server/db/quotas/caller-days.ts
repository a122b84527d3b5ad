/** One caller's part of an owner's daily quota, which executors lease in blocks. */
import { onlyRow, type Queryable } from '../connection/database.ts';
import type { OwnersDay, RunBlock } from './run-days.ts';

interface OfCaller {
  readonly caller: string;
}

/** Leases a block of runs in one statement. Returns their number: 0 if the caller's part of the day is used up. */
export async function takeCallerRuns(
  db: Pick<Queryable, 'query'>,
  block: RunBlock & OfCaller,
): Promise<number> {
  const { granted } = onlyRow(
    await db.query<{ granted: number }>(
      `with first as (
         select greatest(0, least($4::bigint, $5::bigint - $6::bigint)) as granted
       ), old as (
         delete from caller_days where owner_id = $1 and day < $3::date - 1
       )
       insert into caller_days as known (owner_id, caller, day, taken, granted)
       select $1, $2, $3::date, $6::bigint + granted, granted from first
       on conflict (owner_id, caller, day) do update set
         taken = known.taken + $6::bigint + greatest(0, least($4::bigint, $5::bigint - known.taken - $6::bigint)),
         granted = greatest(0, least($4::bigint, $5::bigint - known.taken - $6::bigint))
       returning granted`,
      [block.ownerId, block.caller, block.day, block.wanted, block.limit, block.owed],
    ),
  );
  return granted;
}

/** Returns leased runs that did not start. */
export async function giveCallerRunsBack(
  db: Pick<Queryable, 'query'>,
  { ownerId, caller, day }: OwnersDay & OfCaller,
  runs: number,
): Promise<void> {
  await db.query(
    `update caller_days set taken = greatest(0, taken - $4::bigint)
     where owner_id = $1 and caller = $2 and day = $3::date`,
    [ownerId, caller, day, runs],
  );
}
