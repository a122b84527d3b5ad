/**
 * The standing of modules: whether an owner's module runs on probation, together with trusted ones, or not at all. Every
 * change notifies the executors with NOTIFY, in its transaction.
 */
import type { Queryable } from '../connection/database.ts';
import { HANDLERS_CHANNEL } from './handlers.ts';

/** How a module harmed its process. */
export const QUARANTINE_REASONS = ['crashed', 'hung', 'memory'] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

export type Standing =
  | { readonly state: 'unknown' | 'trusted' }
  | { readonly state: 'probation'; readonly goodRuns: number }
  | {
      readonly state: 'quarantined';
      readonly reason: QuarantineReason;
      readonly quarantinedAt: Date;
      /** When it returns to probation. */
      readonly retryAt: Date;
    };

/** A module of an owner: SHA-256 of the uploaded bytes, in hexadecimal. */
export interface OwnedModule {
  readonly ownerId: string;
  readonly digest: string;
}

/** The columns of `standing` that {@link readStanding} reads. */
export interface StandingRow {
  readonly standing: 'probation' | 'trusted' | 'quarantined' | null;
  readonly goodRuns: number | null;
  readonly reason: QuarantineReason | null;
  readonly quarantinedAt: Date | null;
  readonly retryAt: Date | null;
}

const IS_DUE = `(standing.state = 'quarantined' and standing.retry_at <= now())`;

/** Reads the columns of a left-joined `module_standings as standing`. An expired quarantine counts as probation. */
export const STANDING_COLUMNS = `case when ${IS_DUE} then 'probation' else standing.state end as standing,
  standing.good_runs as "goodRuns", standing.reason, standing.quarantined_at as "quarantinedAt",
  standing.retry_at as "retryAt"`;

export function readStanding(row: StandingRow): Standing {
  const { standing: state, goodRuns, reason, quarantinedAt, retryAt } = row;
  if (state === 'probation') return { state, goodRuns: goodRuns ?? 0 };
  if (state === 'trusted') return { state };
  if (state === null || reason === null || quarantinedAt === null || retryAt === null) {
    return { state: 'unknown' };
  }
  return { state, reason, quarantinedAt, retryAt };
}

export async function findStanding(db: Queryable, module: OwnedModule): Promise<Standing> {
  const [row] = await db.query<StandingRow>(
    `select ${STANDING_COLUMNS} from module_standings as standing where owner_id = $1 and digest = $2`,
    [module.ownerId, module.digest],
  );
  return row === undefined ? { state: 'unknown' } : readStanding(row);
}

/** Trusts a module unconditionally, for modules that the operator deploys. */
export async function trustForGood(tx: Queryable, module: OwnedModule): Promise<void> {
  await tx.query(
    `insert into module_standings (owner_id, digest, state, is_fixed) values ($1, $2, 'trusted', true)
     on conflict (owner_id, digest) do update set state = 'trusted', is_fixed = true`,
    [module.ownerId, module.digest],
  );
}

/**
 * Adds good runs. A module with enough of them becomes trusted; one whose quarantine has expired starts again at zero.
 * @param needed the number of good runs after which a module is trusted
 */
export async function addGoodRuns(
  tx: Queryable,
  module: OwnedModule,
  runs: number,
  needed: number,
): Promise<void> {
  const changed = await tx.query<{ state: string }>(
    `insert into module_standings as standing (owner_id, digest, state, good_runs)
     values ($1, $2, case when $3::int >= $4::int then 'trusted' else 'probation' end, $3)
     on conflict (owner_id, digest) do update set
       good_runs = case when standing.state = 'quarantined' then 0 else standing.good_runs end + $3,
       state = case
         when case when standing.state = 'quarantined' then 0 else standing.good_runs end + $3 >= $4::int
         then 'trusted' else 'probation' end
     where standing.state = 'probation' or ${IS_DUE}
     returning state`,
    [module.ownerId, module.digest, runs, needed],
  );
  if (changed.some(({ state }) => state === 'trusted')) await notifyHandlersWith(tx, [module]);
}

/** Returns trusted modules to probation, and resets the good runs of those on probation. */
export async function sendToProbation(
  tx: Queryable,
  modules: readonly OwnedModule[],
): Promise<void> {
  if (modules.length === 0) return;
  // In a fixed order, because concurrent calls could deadlock otherwise.
  await tx.query(
    `insert into module_standings as standing (owner_id, digest, state)
     select distinct owner_id, digest, 'probation' from ${GIVEN} order by owner_id, digest
     on conflict (owner_id, digest) do update set state = 'probation', good_runs = 0
     where standing.state <> 'quarantined' and not standing.is_fixed`,
    listed(modules),
  );
  await notifyHandlersWith(tx, modules);
}

/**
 * Quarantines modules. Idempotent: modules already in quarantine do not change. The time until the next trial doubles with
 * each quarantine of a module, up to sixteen times the first.
 * @param hours the time until the first trial
 */
export async function quarantine(
  tx: Queryable,
  modules: readonly OwnedModule[],
  reason: QuarantineReason,
  hours: number,
): Promise<void> {
  if (modules.length === 0) return;
  await tx.query(
    `insert into module_standings as standing
       (owner_id, digest, state, reason, quarantined_at, retry_at, quarantines)
     select distinct owner_id, digest, 'quarantined', $3, now(), now() + make_interval(hours => $4::int), 1
     from ${GIVEN} order by owner_id, digest
     on conflict (owner_id, digest) do update set state = 'quarantined', good_runs = 0, reason = $3,
       quarantined_at = now(), quarantines = standing.quarantines + 1,
       retry_at = now() + make_interval(hours => $4::int * (1 << least(standing.quarantines, 4)))
     where not standing.is_fixed and (standing.state <> 'quarantined' or ${IS_DUE})`,
    [...listed(modules), reason, hours],
  );
  await notifyHandlersWith(tx, modules);
}

/** Ends a quarantine early and puts the module on probation. Returns false if it is not quarantined. */
export async function liftQuarantine(tx: Queryable, module: OwnedModule): Promise<boolean> {
  const lifted = await tx.query(
    `update module_standings set state = 'probation', good_runs = 0, retry_at = now()
     where owner_id = $1 and digest = $2 and state = 'quarantined' returning 1`,
    [module.ownerId, module.digest],
  );
  await notifyHandlersWith(tx, [module]);
  return lifted.length > 0;
}

/** Deletes the standing of a module that is removed from the store, unless it was quarantined. */
export async function forgetStandings(tx: Queryable, digest: string): Promise<void> {
  await tx.query(`delete from module_standings where digest = $1 and state <> 'quarantined'`, [
    digest,
  ]);
}

const GIVEN = 'unnest($1::uuid[], $2::text[]) as given (owner_id, digest)';

function listed(modules: readonly OwnedModule[]): [owners: string[], digests: string[]] {
  return [modules.map(({ ownerId }) => ownerId), modules.map(({ digest }) => digest)];
}

async function notifyHandlersWith(tx: Queryable, modules: readonly OwnedModule[]): Promise<void> {
  await tx.query(
    `select pg_notify($3, handlers.name) from handlers
       join versions on versions.id = handlers.active_version_id
       join ${GIVEN} on given.owner_id = handlers.owner_id and given.digest = versions.digest
     where handlers.deleted_at is null`,
    [...listed(modules), HANDLERS_CHANNEL],
  );
}
