/**
 * Modules that may be unreferenced. The store knows modules only by digest, so versions may share one. Before
 * a module is stored or when a version is removed, its digests are recorded here. After a delay, modules that no version
 * references are removed from the store. Recording a digest before storing the module guarantees that the module is either left alone
 * during the delay, or was removed earlier and is stored again.
 */
import type { Queryable } from '../connection/database.ts';
import { forgetStandings } from './standing.ts';

const BATCH_ROWS = 500;

/** Records digests, restarting their delay. Waits for one that is being removed. */
export async function noteModules(
  db: Queryable,
  digests: readonly string[],
  now: Date,
): Promise<void> {
  await db.query(
    `insert into loose_modules as known (digest, noted_at)
     select distinct digest, $2::timestamptz from unnest($1::text[]) as digest order by digest
     on conflict (digest) do update set noted_at = greatest(known.noted_at, excluded.noted_at)`,
    [[...digests], now],
  );
}

const IS_USED = `exists (select 1 from versions where versions.digest = loose_modules.digest)
  or exists (select 1 from versions where metered_digest = loose_modules.digest)
  or exists (select 1 from versions where image_digest = loose_modules.digest)`;

/** Deletes records of referenced modules. Returns how many. */
export async function forgetUsedModules(tx: Queryable, before: Date): Promise<number> {
  const gone = await tx.query(
    `delete from loose_modules where noted_at < $1 and digest in (
       select digest from loose_modules where noted_at < $1 and (${IS_USED}) limit ${BATCH_ROWS})
     returning 1`,
    [before],
  );
  return gone.length;
}

/** Locks one unreferenced module until the transaction ends; undefined if there is none. */
export async function takeLooseModule(tx: Queryable, before: Date): Promise<string | undefined> {
  const [found] = await tx.query<{ digest: string }>(
    `select digest from loose_modules where noted_at < $1 and not (${IS_USED})
     order by noted_at limit 1 for update skip locked`,
    [before],
  );
  return found?.digest;
}

export async function forgetModule(tx: Queryable, digest: string): Promise<void> {
  await forgetStandings(tx, digest);
  await tx.query('delete from loose_modules where digest = $1', [digest]);
}
