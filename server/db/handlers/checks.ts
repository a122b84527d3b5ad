/** Tracks which check version admitted each module version, and which must be checked again. */
import { METER_VERSION } from '../../../olin/index.ts';
import type { Database, Queryable } from '../connection/database.ts';
import { notifyHandler } from './handlers.ts';
import { noteModules } from './loose-modules.ts';
import type { StoredModule } from './versions.ts';

/** Increase when the check becomes stricter or Node updates its engine. */
const CHECK_REVISION = 1;
/** A version runs only if this check or a later one admitted it. Modules that are metered again are checked again. */
export const CHECK_VERSION = METER_VERSION * 1000 + CHECK_REVISION;

/** The channel; the payload is the ID of a version to check next, because it was called. */
export const CHECKS_CHANNEL = 'trisiel_checks';

export interface UncheckedVersion {
  readonly id: string;
  readonly digest: string;
}

/**
 * Returns the next version to check, active ones first; undefined if all are checked.
 * @param preferred the ID of a version that a caller is waiting for
 */
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

/** Requests that this version be checked next. */
export async function requestCheck(db: Queryable, versionId: string): Promise<void> {
  await db.query('select pg_notify($1, $2)', [CHECKS_CHANNEL, versionId]);
}

export type CheckOutcome =
  | Pick<StoredModule, 'meteredDigest' | 'imageDigest'>
  | { readonly refusal: string };

/** Stores the result of a check and notifies the executors. */
export async function keepCheck(
  db: Pick<Database, 'transaction'>,
  versionId: string,
  outcome: CheckOutcome,
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [known] = await tx.query<
      { name: string } & Pick<StoredModule, 'meteredDigest' | 'imageDigest'>
    >(
      `select handlers.name, metered_digest as "meteredDigest", image_digest as "imageDigest"
       from versions join handlers on handlers.id = handler_id where versions.id = $1 for update of versions`,
      [versionId],
    );
    if (known === undefined) return;
    const { meteredDigest, imageDigest } = 'meteredDigest' in outcome ? outcome : known;
    const refusal = 'refusal' in outcome ? outcome.refusal : null;
    await tx.query(
      `update versions set check_version = $2, check_refusal = $3, metered_digest = $4, image_digest = $5
       where id = $1`,
      [versionId, CHECK_VERSION, refusal, meteredDigest, imageDigest],
    );
    const replaced = [known.meteredDigest, known.imageDigest]
      .filter((digest) => digest !== null)
      .filter((digest) => digest !== meteredDigest && digest !== imageDigest);
    if (replaced.length > 0) await noteModules(tx, replaced, now);
    await notifyHandler(tx, known.name);
  });
}
