/** Reads what an executor needs to run a handler. */
import type { Queryable } from '../connection/database.ts';
import { readStanding, STANDING_COLUMNS, type Standing, type StandingRow } from './standing.ts';

export interface Runnable {
  readonly handlerId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly mode: 'sync' | 'async';
  readonly isPrivate: boolean;
  readonly keepsTrace: boolean;
  readonly policy: string | null;
  /** Tier of the owner, which determines the limits. */
  readonly tier: number;
  /** A locked owner's handlers do not run. */
  readonly isLocked: boolean;
  /** Standing of the version's module. */
  readonly standing: Standing;
  /** Null before the first upload. */
  readonly version: {
    readonly id: string;
    readonly number: number;
    /** Keys in the object store. */
    readonly digest: string;
    readonly meteredDigest: string;
    readonly imageDigest: string | null;
    /** Version of the check that admitted or refused it. */
    readonly checkVersion: number;
    readonly checkRefusal: string | null;
  } | null;
}

/** Returns undefined if no active handler has the name. */
export async function findRunnable(db: Queryable, name: string): Promise<Runnable | undefined> {
  const [found] = await db.query<Omit<Runnable, 'standing'> & StandingRow>(
    `select handlers.id as "handlerId", handlers.owner_id as "ownerId", handlers.name, mode, is_private as "isPrivate",
       keeps_trace as "keepsTrace", policy, users.tier, users.locked_at is not null as "isLocked",
       case when versions.id is not null then jsonb_build_object('id', versions.id, 'number', versions.number,
         'digest', versions.digest, 'meteredDigest', versions.metered_digest,
         'imageDigest', versions.image_digest,
         'checkVersion', check_version, 'checkRefusal', check_refusal) end as version,
       ${STANDING_COLUMNS}
     from handlers join users on users.id = handlers.owner_id
       left join versions on versions.id = active_version_id
       left join module_standings as standing
         on standing.owner_id = handlers.owner_id and standing.digest = versions.digest
     where handlers.name = $1 and deleted_at is null`,
    [name],
  );
  if (found === undefined) return undefined;
  return { ...found, standing: readStanding(found) };
}
