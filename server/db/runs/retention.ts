/** Removes expired data: each function deletes one batch and returns the number of rows. */
import type { Database, Queryable } from '../connection/database.ts';
import { noteModules } from '../handlers/loose-modules.ts';
import { FINISHED } from './finished.ts';
import { firstIdOf } from './id-times.ts';

/** Maximum rows per transaction. */
const BATCH_ROWS = 500;
/** A handler may have many versions. */
const BATCH_HANDLERS = 10;

/** One kind of expiring data. */
export interface ExpiringData {
  readonly what: string;
  /** Deletes a batch of rows that ended before a time. */
  remove(tx: Queryable, before: Date, now: Date): Promise<number>;
}

/** Ordered by references: referenced rows come last. Daily usage is counted when a run is written, and is kept. */
export const EXPIRING_DATA: readonly ExpiringData[] = [
  {
    what: 'executions',
    remove: (tx, before) =>
      // IDs begin with the time, so the oldest are at the beginning of the index.
      remove(
        tx,
        `delete from executions where id in (
           select id from executions where id < $1 and (status in ${FINISHED} or not exists (
             select 1 from calls where calls.id = call_id and calls.status in ('queued', 'running')))
           order by id limit ${BATCH_ROWS})`,
        [firstIdOf(before)],
      ),
  },
  {
    what: 'calls',
    remove: (tx, before) =>
      remove(
        tx,
        `delete from calls where id in (
           select id from calls where id < $1 and status in ${FINISHED} and updated_at < $2
           order by id limit ${BATCH_ROWS})`,
        [firstIdOf(before), before],
      ),
  },
  {
    what: 'sessions',
    remove: (tx, before) =>
      remove(
        tx,
        `delete from sessions where id in (
           select id from sessions where least(expires_at, ended_at) < $1 limit ${BATCH_ROWS})`,
        [before],
      ),
  },
  {
    what: 'tokens',
    remove: (tx, before) =>
      remove(
        tx,
        `delete from tokens where id in (
           select id from tokens where least(expires_at, revoked_at) < $1 limit ${BATCH_ROWS})`,
        [before],
      ),
  },
  {
    what: 'deleted handlers',
    async remove(tx, before, now) {
      const due = await tx.query<{ id: string }>(
        `select id from handlers where deleted_at < $1 and purged_at is null
         order by deleted_at limit ${BATCH_HANDLERS} for update skip locked`,
        [before],
      );
      return purgeHandlers(tx, due, now);
    },
  },
];

/** Data needed for one day only. */
export const SHORT_LIVED_DATA: readonly ExpiringData[] = [
  {
    what: 'command logins',
    remove: (tx, before) =>
      remove(
        tx,
        `delete from command_logins where id in (
           select id from command_logins where expires_at < $1 limit ${BATCH_ROWS})`,
        [before],
      ),
  },
  {
    what: 'upload keys',
    remove: (tx, before) =>
      remove(
        tx,
        `delete from upload_keys where (handler_id, key) in (
           select handler_id, key from upload_keys where created_at < $1 limit ${BATCH_ROWS})`,
        [before],
      ),
  },
  {
    what: 'counts of uploads',
    remove: (tx, before) =>
      remove(
        tx,
        `delete from upload_days where (owner_id, day) in (
           select owner_id, day from upload_days where day < ($1::timestamptz at time zone 'utc')::date
           limit ${BATCH_ROWS})`,
        [before],
      ),
  },
  {
    what: 'statistics',
    remove: (tx, before) =>
      remove(
        tx,
        `delete from run_intervals where (of_id, seconds, at) in (
           select of_id, seconds, at from run_intervals where seconds < 7200 and at < $1 or
             seconds = 7200 and at < $1::timestamptz - interval '7 days'
           limit ${BATCH_ROWS})`,
        [before],
      ),
  },
];

const NAMED_BY_NOTHING = ['executions', 'calls', 'usage_days']
  .map((table) => `not exists (select 1 from ${table} where handler_id = handlers.id)`)
  .join(' and ');

/** Deletes rows of handlers purged before a time that no run, call or usage references. */
export function removePurgedHandlers(tx: Queryable, before: Date): Promise<number> {
  return remove(
    tx,
    `delete from handlers where id in (
       select id from handlers where purged_at < $1 and ${NAMED_BY_NOTHING} limit ${BATCH_ROWS})`,
    [before],
  );
}

/** Purges an owner's deleted handlers except the newest ones. */
export async function purgeSurplus(
  tx: Queryable,
  ownerId: string,
  kept: number,
  now: Date,
): Promise<void> {
  const surplus = await tx.query<{ id: string }>(
    `select id from handlers where owner_id = $1 and deleted_at is not null and purged_at is null
     order by deleted_at desc, id desc offset $2 limit ${BATCH_HANDLERS} for update`,
    [ownerId, kept],
  );
  await purgeHandlers(tx, surplus, now);
}

/**
 * Purges handlers: removes everything except their rows, which daily usage references. Their modules are recorded as loose.
 * A handler that never had a version is removed completely.
 */
async function purgeHandlers(
  tx: Queryable,
  handlers: readonly { readonly id: string }[],
  now: Date,
): Promise<number> {
  if (handlers.length === 0) return 0;
  const ids = handlers.map(({ id }) => id);
  const modules = await tx.query<{ digest: string }>(
    `select digest from versions where handler_id = any ($1)
     union select metered_digest from versions where handler_id = any ($1)
     union select image_digest from versions where handler_id = any ($1) and image_digest is not null`,
    [ids],
  );
  await noteModules(
    tx,
    modules.map(({ digest }) => digest),
    now,
  );
  await tx.query(
    `update handlers set purged_at = $2, active_version_id = null, policy = null, description = ''
     where id = any ($1)`,
    [ids, now],
  );
  for (const table of ['activations', 'upload_keys', 'config_values', 'versions']) {
    await tx.query(`delete from ${table} where handler_id = any ($1)`, [ids]);
  }
  await tx.query(
    `delete from handlers where id = any ($1) and version_count = 0 and ${NAMED_BY_NOTHING}`,
    [ids],
  );
  return ids.length;
}

/** Advisory lock ID; arbitrary, but used by nothing else. */
const LOCK = 7_305_415;

/** Runs one batch unless another process is running one. Returns undefined in that case. */
export function takeTurn<T>(
  db: Database,
  work: (tx: Queryable) => Promise<T>,
): Promise<T | undefined> {
  return db.transaction(async (tx) => {
    const [turn] = await tx.query<{ isOurs: boolean }>(
      'select pg_try_advisory_xact_lock($1) as "isOurs"',
      [LOCK],
    );
    return turn?.isOurs === true ? work(tx) : undefined;
  });
}

async function remove(tx: Queryable, text: string, values: readonly unknown[]): Promise<number> {
  return (await tx.query(`${text} returning 1`, values)).length;
}
