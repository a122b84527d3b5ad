/** What an owner has used today: what quotas are checked against. */
import { onlyRow, type Queryable } from './database.ts';

/** Finished runs of all the owner's handlers since midnight, UTC. */
export async function countRunsToday(
  db: Pick<Queryable, 'query'>,
  ownerId: string,
): Promise<number> {
  const { runs } = onlyRow(
    await db.query<{ runs: number }>(
      `select coalesce(sum(runs), 0)::bigint as runs from usage_days
       where owner_id = $1 and day = (now() at time zone 'utc')::date`,
      [ownerId],
    ),
  );
  return runs;
}
