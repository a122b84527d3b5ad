/**
 * The standing of modules: whether a module of an owner runs on probation, with the trusted ones, or not at all.
 * Every change is announced to the executors by NOTIFY, in the transaction that makes it.
 */
import type { Queryable } from '../connection/database.ts';
import { HANDLERS_CHANNEL } from './handlers.ts';

/** What a module did to the process that ran it. */
export const QUARANTINE_REASONS = ['crashed', 'hung', 'memory'] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

export type Standing =
  | { readonly state: 'unknown' | 'trusted' }
  | { readonly state: 'probation'; readonly goodRuns: number }
  | {
      readonly state: 'quarantined';
      readonly reason: QuarantineReason;
      readonly quarantinedAt: Date;
      /** From then on it is on probation again. */
      readonly retryAt: Date;
    };

/** A module of an owner: SHA-256 of the uploaded bytes, in hexadecimal. */
export interface OwnedModule {
  readonly ownerId: string;
  readonly digest: string;
}

/** The columns of a row, joined as `standing`, that {@link readStanding} reads. */
export interface StandingRow {
  readonly standing: 'probation' | 'trusted' | 'quarantined' | null;
  readonly goodRuns: number | null;
  readonly reason: QuarantineReason | null;
  readonly quarantinedAt: Date | null;
  readonly retryAt: Date | null;
}

const IS_DUE = `(standing.state = 'quarantined' and standing.retry_at <= now())`;

/** Of `module_standings as standing`, left joined. A quarantine whose time is over reads as probation. */
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

/** Trusts a module whatever happens: for what the operator deploys. */
export async function trustForGood(tx: Queryable, module: OwnedModule): Promise<void> {
  await tx.query(
    `insert into module_standings (owner_id, digest, state, is_fixed) values ($1, $2, 'trusted', true)
     on conflict (owner_id, digest) do update set state = 'trusted', is_fixed = true`,
    [module.ownerId, module.digest],
  );
}

/**
 * Adds runs that harmed nothing. A module that has enough of them is trusted; one whose quarantine is over begins anew.
 * @param needed runs on probation
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

/** Sends modules that were trusted back to probation, and has those on probation begin anew. */
export async function sendToProbation(
  tx: Queryable,
  modules: readonly OwnedModule[],
): Promise<void> {
  if (modules.length === 0) return;
  // In one order, as two who do this at once would otherwise wait for each other.
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
 * Quarantines modules. Harmless when repeated: those in quarantine already stay as they are. The time until the next
 * trial doubles with each quarantine of a module, up to sixteen times the first.
 * @param hours until the first trial
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

/** Sends a quarantined module to probation before its time. False if it is not quarantined. */
export async function liftQuarantine(tx: Queryable, module: OwnedModule): Promise<boolean> {
  const lifted = await tx.query(
    `update module_standings set state = 'probation', good_runs = 0, retry_at = now()
     where owner_id = $1 and digest = $2 and state = 'quarantined' returning 1`,
    [module.ownerId, module.digest],
  );
  await notifyHandlersWith(tx, [module]);
  return lifted.length > 0;
}

/** Forgets what was learned of a module that is removed from the store; a quarantine is remembered. */
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
