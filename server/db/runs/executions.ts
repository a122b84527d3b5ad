/** Executions. Executors write them in batches; the API reads them. */
import type { Queryable } from '../connection/database.ts';
import { EXECUTION_COLUMNS, storable } from './execution-columns.ts';
import { FINISHED } from './finished.ts';
import type { ExecutionStatus } from '../../execution-status.ts';
import { ADD_ENDED_TO_USAGE } from './usage.ts';

export interface ExecutionStop {
  readonly code: string;
  readonly message: string;
  readonly backtrace: readonly string[];
  readonly limit?: number;
  readonly used?: number;
}

/** Of an interrupted run, synchronous or not. */
export const INTERRUPTED_TRAP: ExecutionStop = {
  code: 'host',
  message: 'The process that the run was in ended in the middle of it.',
  backtrace: [],
};

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
  /** Empty if there was no reply. */
  readonly replyHeaders: readonly ExecutionHeader[];
}

/**
 * A run as an executor writes it. Texts may contain anything that a guest wrote; the executor bounds them. A new field
 * needs its row in `execution-columns.ts` and its column in a migration.
 */
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
  readonly trap: ExecutionStop | null;
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
  /** Absent if it was not recorded. */
  readonly exchange?: ExecutionExchange;
  readonly startedAt: Date;
}

/** The channel; the payload is the owner's id. */
export const EXECUTIONS_CHANNEL = 'trisiel_executions';

const NAMES = EXECUTION_COLUMNS.map(({ name }) => name).join(', ');
const UPDATES = EXECUTION_COLUMNS.filter(({ isOutcome }) => isOutcome)
  .map(({ name }) => `${name} = excluded.${name}`)
  .join(', ');

/** `log_text` is what searches read: the texts of the log, one a line. */
const WRITE = `with given as (
    select * from jsonb_to_recordset($1::jsonb)
      as run (${EXECUTION_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ')}, log_text text)
  ), ended as (
    insert into executions as known (${NAMES}, log_text)
    select ${EXECUTION_COLUMNS.map(({ fromBatch }) => fromBatch).join(', ')}, log_text from given
    on conflict (id) do update set ${UPDATES}, log_text = excluded.log_text, written_by = excluded.written_by
    where known.status not in ${FINISHED}
    returning known.owner_id, known.handler_id, known.started_at, known.status, known.http_status, known.gas,
      known.bytes_in, known.bytes_out, known.wall_ms
  )
  ${ADD_ENDED_TO_USAGE}`;

/**
 * Writes runs, adds finished ones to daily usage, and notifies watchers; use one transaction. A run that exists is
 * updated unless it is finished, so that writing a batch again is harmless.
 */
export async function writeExecutions(tx: Queryable, runs: readonly NewExecution[]): Promise<void> {
  if (runs.length === 0) return;
  await tx.query(WRITE, [JSON.stringify(runs.map(toBatch))]);
  for (const owner of new Set(runs.map(({ ownerId }) => ownerId))) {
    await tx.query('select pg_notify($1, $2)', [EXECUTIONS_CHANNEL, owner]);
  }
}

function toBatch(run: NewExecution): Record<string, unknown> {
  const record: Record<string, unknown> = {
    log_text: storable(run.log.map(({ text }) => text).join('\n')),
  };
  for (const column of EXECUTION_COLUMNS) record[column.name] = column.toBatch(run);
  return record;
}

/** Returns undefined if there is no such run. */
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
