/** Stores an asynchronous call with its first attempt. */
import { onlyRow, type Queryable } from '../connection/database.ts';
import type { NewCall } from './calls.ts';
import { EXECUTIONS_CHANNEL } from './executions.ts';

/** The fields of the first attempt's record that the call does not have. */
export interface QueuedAttempt {
  readonly versionId: string | null;
  readonly path: string;
  readonly startedAt: Date;
}

/** Maximum numbers of open calls to an owner's handlers. */
export interface OpenLimits {
  readonly ofOwner: number;
  /** Maximum from one caller; null if not limited separately. */
  readonly ofCaller: number | null;
}

export type InsertedCall =
  | { readonly id: string; readonly requestDigest: Uint8Array; readonly isNew: boolean }
  /** Which limit has been reached. */
  | { readonly refusedFor: keyof OpenLimits };

interface InsertRow {
  readonly ofOwner: number;
  readonly ofCaller: number;
  readonly madeId: string | null;
  readonly knownId: string | null;
  readonly knownDigest: Uint8Array | null;
}

/**
 * Inserts a call and its queued attempt if there is room, and notifies watchers; or returns the earlier call with the same
 * key. One statement, unless another call with the key is inserted at the same moment.
 */
export async function insertCall(
  db: Queryable,
  call: NewCall,
  attempt: QueuedAttempt,
  limits: OpenLimits,
): Promise<InsertedCall> {
  for (;;) {
    const row = onlyRow(
      await db.query<InsertRow>(INSERT_CALL, insertValues(call, attempt, limits)),
    );
    const { madeId, knownId, knownDigest } = row;
    if (madeId !== null) return { id: madeId, requestDigest: call.requestDigest, isNew: true };
    if (knownId !== null && knownDigest !== null) {
      return { id: knownId, requestDigest: knownDigest, isNew: false };
    }
    if (row.ofOwner >= limits.ofOwner) return { refusedFor: 'ofOwner' };
    if (limits.ofCaller !== null && row.ofCaller >= limits.ofCaller) {
      return { refusedFor: 'ofCaller' };
    }
  }
}

const INSERT_CALL = `with open as materialized (
    select count(*)::int as "ofOwner", (count(*) filter (where caller = $15))::int as "ofCaller" from (
      select caller from calls where owner_id = $4 and status in ('queued', 'running') limit $16::int) as counted
  ), made as (
    insert into calls (id, handler_id, handler_name, owner_id, is_private, method, url, script_name, headers,
      body, remote_address, idempotency_key, request_digest, callback_url, caller)
    select $1::uuid, $2::uuid, $3::text, $4::uuid, $5::boolean, $6::text, $7::text, $8::text, $9::jsonb, $10::bytea,
      $11::text, $12::text, $13::bytea, $14::text, $15::text
    from open where "ofOwner" < $16::int and ($17::int is null or "ofCaller" < $17::int)
    on conflict (handler_id, idempotency_key) where idempotency_key is not null do nothing returning id
  ), attempt as (
    insert into executions (id, handler_id, version_id, owner_id, mode, call_id, attempt, status, method, path, started_at)
    select id, $2::uuid, $18::uuid, $4::uuid, 'async', id, 1, 'queued', $6::text, $19::text, $20::timestamptz
    from made returning owner_id
  ), notified as (select pg_notify($21::text, owner_id::text) from attempt)
  select open.*, made.id as "madeId", known.id as "knownId", known.request_digest as "knownDigest",
    (select count(*)::int from notified) as notified
  from open left join made on true
    left join calls as known on known.handler_id = $2::uuid and known.idempotency_key = $12::text`;

function insertValues(call: NewCall, attempt: QueuedAttempt, limits: OpenLimits): unknown[] {
  return [
    call.id,
    call.handlerId,
    call.handlerName,
    call.ownerId,
    call.isPrivate,
    call.method,
    call.url,
    call.scriptName,
    JSON.stringify(call.headers),
    Buffer.from(call.body),
    call.remoteAddress,
    call.idempotencyKey,
    Buffer.from(call.requestDigest),
    call.callbackUrl,
    call.caller,
    limits.ofOwner,
    limits.ofCaller,
    attempt.versionId,
    attempt.path,
    attempt.startedAt,
    EXECUTIONS_CHANNEL,
  ];
}
