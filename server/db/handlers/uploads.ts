/** Upload quotas of an author: uploads per day, and total stored size. */
import { onlyRow, type Queryable } from '../connection/database.ts';

/** Counts a user's uploads today (UTC), including those whose version was deleted. */
export async function countUploads(db: Queryable, ownerId: string, now: Date): Promise<number> {
  const [row] = await db.query<{ uploads: number }>(
    'select uploads from upload_days where owner_id = $1 and day = $2::date',
    [ownerId, dayOf(now)],
  );
  return row?.uploads ?? 0;
}

/** Counts an upload. Returns false if the day's limit is reached. */
export async function countUpload(
  db: Queryable,
  ownerId: string,
  now: Date,
  most: number,
): Promise<boolean> {
  const counted = await db.query(
    `insert into upload_days as known (owner_id, day, uploads) select $1::uuid, $2::date, 1 where $3::int > 0
     on conflict (owner_id, day) do update set uploads = known.uploads + 1 where known.uploads < $3::int
     returning 1`,
    [ownerId, dayOf(now), most],
  );
  return counted.length > 0;
}

/** Bytes of all versions of an owner's handlers, including deleted handlers that can be restored. */
export async function sumStoredBytes(db: Queryable, ownerId: string): Promise<number> {
  const { bytes } = onlyRow(
    await db.query<{ bytes: number }>(
      `select coalesce(sum(bytes), 0)::bigint as bytes
       from versions join handlers on handlers.id = handler_id where owner_id = $1`,
      [ownerId],
    ),
  );
  return bytes;
}

function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
