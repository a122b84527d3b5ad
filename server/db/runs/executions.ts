/** Executions. Executors write them in batches; the API reads them. */
import type { Queryable } from '../connection/database.ts';

export const EXECUTION_STATUSES = [
  'queued',
  'running',
  /** Exit status 0. */
  'succeeded',
  /** Nonzero exit status, or a reply that is not valid CGI output. */
  'failed',
  /** Stopped by a trap: a guest fault, the policy, or a limit other than time. */
  'stopped',
  'timed-out',
  'cancelled',
  /** The process running it ended during the run. */
  'interrupted',
] as const;

export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

export interface ExecutionTrap {
  readonly code: string;
  readonly message: string;
  readonly backtrace: readonly string[];
  readonly limit?: number;
  readonly used?: number;
}

export interface ExecutionLogLine {
  readonly level: number;
  readonly text: string;
  readonly atMs: number;
}

/** A system call, as the runtime's trace has it. */
export interface ExecutionCall {
  readonly name: string;
  readonly args: readonly { readonly name: string; readonly value: string | number }[];
  /** Absent if the function has no result or never returned. */
  readonly result?: string | number;
  /** Why it never returned. */
  readonly fault?: string;
  /** Since the run began. */
  readonly atMs: number;
  readonly tookMs: number;
}

export type ExecutionHeader = readonly [name: string, value: string];

/** The recorded part of request and reply; values of credentials are left out. */
export interface ExecutionExchange {
  readonly requestHeaders: readonly ExecutionHeader[];
  /** Of the request: the first bytes that the guest read, in Base64. */
  readonly body: string;
  /** Empty where there was no reply. */
  readonly replyHeaders: readonly ExecutionHeader[];
}

/** One run as an executor writes it. Texts may hold anything a guest wrote; bounds are the executor's. */
export interface NewExecution {
  readonly id: string;
  readonly handlerId: string;
  readonly versionId: string | null;
  readonly ownerId: string;
  readonly mode: 'sync' | 'async';
  readonly callId: string;
  readonly attempt: number;
  readonly status: ExecutionStatus;
  readonly method: string;
  readonly path: string;
  readonly httpStatus: number | null;
  readonly exitCode: number | null;
  readonly trap: ExecutionTrap | null;
  readonly gas: number;
  readonly memoryPages: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly urls: readonly string[];
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly wallMs: number;
  readonly output: Uint8Array;
  readonly errorOutput: Uint8Array;
  readonly log: readonly ExecutionLogLine[];
  /** The first calls in order of completion; null if not recorded. */
  readonly trace: readonly ExecutionCall[] | null;
  /** Absent where it was not kept. */
  readonly exchange?: ExecutionExchange;
  readonly startedAt: Date;
}

/** The channel; the payload is the owner's id. */
export const EXECUTIONS_CHANNEL = 'trisiel_executions';

/** Statuses that a run keeps, as SQL has a list. */
export const FINISHED = `('succeeded', 'failed', 'stopped', 'timed-out', 'cancelled', 'interrupted')`;

/**
 * Writes runs, adds finished ones to daily usage, and notifies watchers; use one transaction. A run that exists is
 * updated unless it is finished, so that writing a batch again is harmless.
 */
export async function writeExecutions(tx: Queryable, runs: readonly NewExecution[]): Promise<void> {
  if (runs.length === 0) return;
  await tx.query(
    `with given as (
       select * from jsonb_to_recordset($1::jsonb) as run (id uuid, handler_id uuid, version_id uuid,
         owner_id uuid, mode text, call_id uuid, attempt int, status text, method text, path text,
         http_status int, exit_code int, trap jsonb, gas bigint, memory_pages int, calls jsonb, urls text[],
         bytes_in bigint, bytes_out bigint, wall_ms double precision, output text, error_output text,
         log jsonb, log_text text, trace jsonb, exchange jsonb, started_at timestamptz)
     ), written as (
       insert into executions as known (id, handler_id, version_id, owner_id, mode, call_id, attempt, status,
         method, path, http_status, exit_code, trap, gas, memory_pages, calls, urls, bytes_in, bytes_out,
         wall_ms, output, error_output, log, log_text, trace, exchange, started_at)
       select id, handler_id, version_id, owner_id, mode, call_id, attempt, status, method, path, http_status,
         exit_code, nullif(trap, 'null'), gas, memory_pages, calls, urls, bytes_in, bytes_out, wall_ms,
         decode(output, 'base64'), decode(error_output, 'base64'), log, log_text, nullif(trace, 'null'), nullif(exchange, 'null'), started_at
       from given
       on conflict (id) do update set status = excluded.status, http_status = excluded.http_status,
         exit_code = excluded.exit_code, trap = excluded.trap, gas = excluded.gas,
         memory_pages = excluded.memory_pages, calls = excluded.calls, urls = excluded.urls,
         bytes_in = excluded.bytes_in, bytes_out = excluded.bytes_out, wall_ms = excluded.wall_ms,
         output = excluded.output, error_output = excluded.error_output, log = excluded.log,
         log_text = excluded.log_text, trace = excluded.trace, exchange = excluded.exchange,
         written_by = excluded.written_by
       where known.status not in ${FINISHED}
       returning known.owner_id, known.handler_id, known.started_at, known.status, known.gas, known.bytes_in,
         known.bytes_out, known.wall_ms
     )
     insert into usage_days as day (owner_id, handler_id, day, runs, failures, gas, bytes_in, bytes_out, wall_ms)
     select owner_id, handler_id, (started_at at time zone 'utc')::date, count(*),
       count(*) filter (where status <> 'succeeded'), sum(gas), sum(bytes_in), sum(bytes_out), sum(wall_ms)
     from written where status in ${FINISHED} group by 1, 2, 3
     order by 1, 3, 2
     on conflict (owner_id, day, handler_id) do update set runs = day.runs + excluded.runs,
       failures = day.failures + excluded.failures, gas = day.gas + excluded.gas,
       bytes_in = day.bytes_in + excluded.bytes_in, bytes_out = day.bytes_out + excluded.bytes_out,
       wall_ms = day.wall_ms + excluded.wall_ms`,
    [JSON.stringify(runs.map(toRecord))],
  );
  for (const owner of new Set(runs.map(({ ownerId }) => ownerId))) {
    await tx.query('select pg_notify($1, $2)', [EXECUTIONS_CHANNEL, owner]);
  }
}

/** Undefined where there is no such run. */
export async function findExecutionStatus(
  db: Queryable,
  id: string,
): Promise<ExecutionStatus | undefined> {
  const [row] = await db.query<{ status: ExecutionStatus }>(
    'select status from executions where id = $1',
    [id],
  );
  return row?.status;
}

function toRecord(run: NewExecution): Record<string, unknown> {
  return {
    id: run.id,
    handler_id: run.handlerId,
    version_id: run.versionId,
    owner_id: run.ownerId,
    mode: run.mode,
    call_id: run.callId,
    attempt: run.attempt,
    status: run.status,
    method: storable(run.method),
    path: storable(run.path),
    http_status: run.httpStatus,
    exit_code: run.exitCode,
    trap: storable(run.trap),
    gas: run.gas,
    memory_pages: run.memoryPages,
    calls: run.calls,
    urls: storable(run.urls),
    bytes_in: run.bytesIn,
    bytes_out: run.bytesOut,
    wall_ms: run.wallMs,
    output: Buffer.from(run.output).toString('base64'),
    error_output: Buffer.from(run.errorOutput).toString('base64'),
    log: storable(run.log),
    log_text: storable(run.log.map(({ text }) => text).join('\n')),
    trace: storable(run.trace),
    exchange: storable(run.exchange ?? null),
    started_at: run.startedAt.toISOString(),
  };
}

/** PostgreSQL stores neither NUL nor unpaired surrogates; guests may produce both. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD').toWellFormed();
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [storable(key), storable(each)]),
    );
  }
  return value;
}
