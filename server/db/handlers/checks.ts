/** By which check each version was let in, and which are to be checked again. */
import { METER_VERSION } from '../../../olin/index.ts';
import type { Database, Queryable } from '../connection/database.ts';
import { notifyHandler } from './handlers.ts';
import { noteModules } from './loose-modules.ts';

/** Raise it when the check refuses more than before, or when Node brings another engine. */
const CHECK_REVISION = 1;
/** A version runs only if this check, or a later one, has let it in. What is metered anew is checked anew. */
export const CHECK_VERSION = METER_VERSION * 1000 + CHECK_REVISION;

/** Payload: the id of a version that is to be checked now, since somebody calls it. */
export const CHECKS_CHANNEL = 'trisiel_checks';

export interface UncheckedVersion {
  readonly id: string;
  readonly digest: string;
}

/** Versions that answer come first. Undefined if all are checked. @param preferred an id, if somebody waits */
export async function nextUnchecked(
  db: Queryable,
  preferred: string | undefined,
): Promise<UncheckedVersion | undefined> {
  const [found] = await db.query<UncheckedVersion>(
    `select versions.id, versions.digest from versions join handlers on handlers.id = handler_id
     where check_version < $1 and deleted_at is null
     order by versions.id is not distinct from $2::uuid desc,
       versions.id is not distinct from active_version_id desc, versions.id
     limit 1`,
    [CHECK_VERSION, preferred ?? null],
  );
  return found;
}

/** Asks whoever checks to begin with this version. */
export async function requestCheck(db: Queryable, versionId: string): Promise<void> {
  await db.query('select pg_notify($1, $2)', [CHECKS_CHANNEL, versionId]);
}

export type CheckOutcome = { readonly meteredDigest: string } | { readonly refusal: string };

/** Keeps what a check found, and tells the executors. */
export async function keepCheck(
  db: Pick<Database, 'transaction'>,
  versionId: string,
  outcome: CheckOutcome,
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [known] = await tx.query<{ name: string; meteredDigest: string }>(
      `select handlers.name, metered_digest as "meteredDigest"
       from versions join handlers on handlers.id = handler_id where versions.id = $1 for update of versions`,
      [versionId],
    );
    if (known === undefined) return;
    const metered = 'meteredDigest' in outcome ? outcome.meteredDigest : known.meteredDigest;
    const refusal = 'refusal' in outcome ? outcome.refusal : null;
    await tx.query(
      'update versions set check_version = $2, check_refusal = $3, metered_digest = $4 where id = $1',
      [versionId, CHECK_VERSION, refusal, metered],
    );
    if (metered !== known.meteredDigest) await noteModules(tx, [known.meteredDigest], now);
    await notifyHandler(tx, known.name);
  });
}
