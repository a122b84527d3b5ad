/** Attempts of asynchronous calls. Each statement of an executor handles several calls. */
import type { Queryable } from '../connection/database.ts';
import { CALL, type AsyncCall, type CallChange } from './calls.ts';
import { selectFields, TRAP_CODE } from './execution-columns.ts';
import { storable } from './execution-lines.ts';
import { FINISHED } from './finished.ts';
import type { ExecutionStatus } from '../../execution-status.ts';
import {
  COUNT_ENDED,
  EXECUTIONS_CHANNEL,
  INTERRUPTED_TRAP,
  NOTIFY,
  toBatch,
  writingOf,
  type NewExecution,
} from './executions.ts';

const ATTEMPT_FIELDS = [
  'id',
  'attempt',
  'status',
  'httpStatus',
  'exitCode',
  'gas',
  'wallMs',
  'startedAt',
  'output',
] as const;

export interface CallAttempt extends Pick<NewExecution, (typeof ATTEMPT_FIELDS)[number]> {
  readonly trapCode: string | null;
}

/** In the order of attempts. */
export function listAttempts(db: Queryable, callId: string): Promise<CallAttempt[]> {
  return db.query<CallAttempt>(
    `select ${selectFields(ATTEMPT_FIELDS)}, ${TRAP_CODE}
     from executions where call_id = $1 and mode = 'async' order by attempt`,
    [callId],
  );
}

/** A call, with the statuses of its attempts that have started, in order. */
export interface DeliveredCall extends AsyncCall {
  readonly begun: readonly ExecutionStatus[];
}

/** Finds calls by ID. Calls that do not exist are omitted. */
export function findCalls(db: Queryable, ids: readonly string[]): Promise<DeliveredCall[]> {
  return db.query<DeliveredCall>(
    `select ${CALL}, coalesce((select jsonb_agg(attempts.status order by attempts.attempt) from executions as attempts
       where attempts.call_id = calls.id and attempts.mode = 'async' and attempts.status <> 'queued'), '[]') as begun
     from calls where id = any ($1::uuid[])`,
    [ids],
  );
}

const BEGIN = `with opened as (
    update calls set status = 'running' where id = any ($3::uuid[]) and status in ('queued', 'running') returning id
  ), ${writingOf('"callId" in (select id from opened)')}, ${NOTIFY}
  select id, (select count(*)::int from notified) as notified from opened`;

/**
 * Records that attempts are running. Returns the IDs of their calls, without calls that have ended: their attempts are
 * not recorded and must not run.
 */
export async function beginAttempts(
  db: Queryable,
  attempts: readonly NewExecution[],
): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ id: string }>(BEGIN, [
    toBatch(attempts),
    EXECUTIONS_CHANNEL,
    attempts.map(({ callId }) => callId),
  ]);
  return new Set(rows.map(({ id }) => id));
}

export interface EndedAttempt {
  readonly execution: NewExecution;
  /** The changes of the attempt's call. */
  readonly change: CallChange;
}

const END = `with ${writingOf()}, ${COUNT_ENDED}, ${NOTIFY}, change as (
    select * from jsonb_to_recordset($3::jsonb)
      as item (call_id uuid, attempt_id uuid, attempt_status text, status text, reply_status int, reply_headers jsonb)
  ), stored as (
    select change.*, coalesce(ended.status, known.status) as stored_status
    from change left join ended on ended.id = attempt_id left join executions as known on known.id = attempt_id
  ), changed as (
    update calls set status = stored.status, reply_status = coalesce(stored.reply_status, calls.reply_status),
      reply_headers = coalesce(stored.reply_headers, calls.reply_headers),
      body = case when stored.status in ${FINISHED} then ''::bytea else body end
    from stored
    where calls.id = stored.call_id and stored_status = attempt_status and calls.status in ('queued', 'running')
  )
  select attempt_id as id, stored_status as status, (select count(*)::int from notified) as notified from stored`;

/**
 * Records the ends of attempts, and changes their calls, unless these have ended. Returns the status of each attempt in
 * the database: it differs if another executor considered this one dead and ended the attempt, and then the call is not
 * changed.
 */
export async function endAttempts(
  db: Queryable,
  ends: readonly EndedAttempt[],
): Promise<ReadonlyMap<string, ExecutionStatus>> {
  const changes = ends.map(({ execution, change }) => ({
    call_id: execution.callId,
    attempt_id: execution.id,
    attempt_status: execution.status,
    status: change.status,
    reply_status: change.replyStatus,
    reply_headers: storable(change.replyHeaders),
  }));
  const rows = await db.query<{ id: string; status: ExecutionStatus }>(END, [
    toBatch(ends.map(({ execution }) => execution)),
    EXECUTIONS_CHANNEL,
    JSON.stringify(changes),
  ]);
  return new Map(rows.map(({ id, status }) => [id, status]));
}

/** Ends attempts that were interrupted when their process ended. They count as runs; their usage is unknown. */
export async function endLostAttempts(tx: Queryable, callId: string): Promise<void> {
  await tx.query(
    `with ended as (
       update executions set status = 'interrupted', written_by = pg_current_xact_id(), trap = $2::jsonb
       where call_id = $1 and mode = 'async' and status = 'running'
       returning owner_id, handler_id, started_at, status, http_status, gas, bytes_in, bytes_out, wall_ms
     ), ${COUNT_ENDED}
     select count(*)::int as ended from ended`,
    [callId, JSON.stringify(INTERRUPTED_TRAP)],
  );
}

/**
 * Ends the queued attempt of a call that could not be run. It does not count as a run.
 * @param why a sentence
 */
export async function endUnmadeAttempt(tx: Queryable, callId: string, why: string): Promise<void> {
  await tx.query(
    `update executions set status = 'failed', written_by = pg_current_xact_id(),
       trap = jsonb_build_object('code', 'host', 'message', $2::text, 'backtrace', '[]'::jsonb)
     where call_id = $1 and mode = 'async' and status = 'queued'`,
    [callId, why],
  );
}
