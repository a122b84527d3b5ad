/** Asynchronous calls. Their attempts are executions with the call's id (`call-attempts.ts`). */
import { onlyRow, type Queryable } from '../connection/database.ts';
import { FINISHED } from './finished.ts';
import type { ExecutionStatus } from '../../execution-status.ts';

export interface NewCall {
  readonly id: string;
  readonly handlerId: string;
  readonly handlerName: string;
  readonly ownerId: string;
  readonly isPrivate: boolean;
  readonly method: string;
  readonly url: string;
  readonly scriptName: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly remoteAddress: string;
  /** Identity of the caller, as derived from the address; open calls per caller are limited. */
  readonly caller: string;
  readonly idempotencyKey: string | null;
  readonly requestDigest: Uint8Array;
  readonly callbackUrl: string | null;
}

export interface AsyncCall extends NewCall {
  readonly status: ExecutionStatus;
  readonly replyStatus: number | null;
  readonly replyHeaders: readonly (readonly [name: string, value: string])[] | null;
  readonly calledBackAt: Date | null;
  readonly createdAt: Date;
}

/** The channel; the payload is the id of a call that was cancelled, or empty if calls were queued. */
export const CALLS_CHANNEL = 'trisiel_calls';

/** The select list of an {@link AsyncCall}. */
export const CALL = `id, handler_id as "handlerId", handler_name as "handlerName", owner_id as "ownerId",
  is_private as "isPrivate", status, method, url, script_name as "scriptName", headers, body,
  remote_address as "remoteAddress", caller, idempotency_key as "idempotencyKey", request_digest as "requestDigest",
  reply_status as "replyStatus", reply_headers as "replyHeaders", callback_url as "callbackUrl",
  called_back_at as "calledBackAt", created_at as "createdAt"`;

export async function findCall(db: Queryable, id: string): Promise<AsyncCall | undefined> {
  const [call] = await db.query<AsyncCall>(`select ${CALL} from calls where id = $1`, [id]);
  return call;
}

export interface CallChange {
  readonly status: ExecutionStatus;
  readonly replyStatus?: number | null;
  readonly replyHeaders?: readonly (readonly [name: string, value: string])[];
}

/** Returns false, changing nothing, if the call has ended. An ended call is never run again, so its body is deleted. */
export async function updateCall(tx: Queryable, id: string, change: CallChange): Promise<boolean> {
  const rows = await tx.query(
    `update calls set status = $2, reply_status = coalesce($3, reply_status),
       reply_headers = coalesce($4::jsonb, reply_headers),
       body = case when $2 in ${FINISHED} then ''::bytea else body end
     where id = $1 and status in ('queued', 'running') returning id`,
    [
      id,
      change.status,
      change.replyStatus ?? null,
      change.replyHeaders === undefined ? null : JSON.stringify(change.replyHeaders),
    ],
  );
  return rows.length > 0;
}

/** Notifies the executors that calls were queued. */
export async function notifyOfCalls(db: Queryable): Promise<void> {
  await db.query('select pg_notify($1, $2)', [CALLS_CHANNEL, '']);
}

/** Cancels a call and its queued attempt, and notifies the executors. Returns false if it has ended. */
export async function cancelCall(tx: Queryable, id: string): Promise<boolean> {
  if (!(await updateCall(tx, id, { status: 'cancelled' }))) return false;
  await tx.query(
    `update executions set status = 'cancelled', written_by = pg_current_xact_id() where call_id = $1 and mode = 'async' and status = 'queued'`,
    [id],
  );
  await tx.query('select pg_notify($1, $2)', [CALLS_CHANNEL, id]);
  return true;
}

export async function markCalledBack(db: Queryable, id: string): Promise<void> {
  await db.query('update calls set called_back_at = now() where id = $1', [id]);
}

/**
 * Returns calls that the queue seems to have lost, and ended calls with a due callback. The kinds are limited
 * separately: undeliverable callbacks must not hide lost calls.
 */
export function listForgotten(
  db: Queryable,
): Promise<{ readonly id: string; readonly ownerId: string; readonly isOver: boolean }[]> {
  return db.query(
    `(select id, owner_id as "ownerId", false as "isOver" from calls
      where status = 'queued' and updated_at < now() - interval '10 seconds'
      order by created_at limit 500)
     union all
     (select id, owner_id, true from calls
      where callback_url is not null and called_back_at is null and status in ${FINISHED}
        and updated_at between now() - interval '1 day' and now() - interval '10 seconds'
      order by random() limit 500)`,
  );
}

/** Counts the calls of all owners that have not ended. */
export async function countAllOpenCalls(db: Queryable): Promise<number> {
  const { n } = onlyRow(
    await db.query<{ n: number }>(
      `select count(*)::int as n from calls where status in ('queued', 'running')`,
    ),
  );
  return n;
}
