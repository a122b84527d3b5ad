/** Executions. Executors write them in batches; the API reads them. */
import type { Queryable } from '../connection/database.ts';
import { EXECUTION_COLUMNS } from './execution-columns.ts';
import { toLine, toStorableArray } from './execution-lines.ts';
import { FINISHED } from './finished.ts';
import type { ExecutionStatus } from '../../execution-status.ts';
import { ADD_ENDED_TO_INTERVALS } from './statistics.ts';
import { ADD_ENDED_TO_USAGE } from './usage.ts';

export interface ExecutionStop {
  readonly code: string;
  readonly message: string;
  readonly backtrace: readonly string[];
  readonly limit?: number;
  readonly used?: number;
}

/** The stop reason of an interrupted run, synchronous or not. */
export const INTERRUPTED_TRAP: ExecutionStop = {
  code: 'host',
  message: 'The process of the run ended before the run did.',
  backtrace: [],
};

export interface ExecutionLogLine {
  readonly level: number;
  readonly text: string;
  readonly atMs: number;
}

/** A system call, as in the runtime's trace. */
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

/** The recorded parts of request and reply, without the values of credentials. */
export interface ExecutionExchange {
  readonly requestHeaders: readonly ExecutionHeader[];
  /** The first bytes of the request body that the guest read, in Base64. */
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
const LOG_TEXT = `case when log = '[]' then '' else (
      select coalesce(string_agg(line ->> 'text', '\n' order by at), '')
      from jsonb_array_elements(log) with ordinality as lines (line, at)
    ) end`;

/** Common table expressions that add the finished runs of `ended` to usage and statistics. */
export const COUNT_ENDED = `counted as (${ADD_ENDED_TO_USAGE}
  ), ${ADD_ENDED_TO_INTERVALS}`;

/**
 * A common table expression that notifies the owners of `ended` on the channel $2. The statement must select from
 * `notified`.
 */
export const NOTIFY = `notified as (
    select pg_notify($2::text, owner_id::text) from ended group by owner_id
  )`;

/**
 * A common table expression that writes the runs of a batch ($1). `ended` has the rows written, finished or not.
 * @param filter condition for the runs that are written
 */
export function writingOf(filter = 'true'): string {
  return `ended as (
    insert into executions as known (${NAMES}, log_text)
    select ${EXECUTION_COLUMNS.map(({ toStored }) => toStored).join(', ')}, ${LOG_TEXT}
    from json_to_recordset($1::json)
      as run (${EXECUTION_COLUMNS.map(({ fromLine }) => fromLine).join(', ')})
    where ${filter}
    on conflict (id) do update set ${UPDATES}, log_text = excluded.log_text, written_by = excluded.written_by
    where known.status not in ${FINISHED}
    returning known.id, known.owner_id, known.handler_id, known.started_at, known.status, known.http_status, known.gas,
      known.bytes_in, known.bytes_out, known.wall_ms
  )`;
}

const WRITE = `with ${writingOf()}, ${COUNT_ENDED}, ${NOTIFY} select count(*)::int as notified from notified`;

/**
 * Writes runs, adds finished ones to usage and statistics, and notifies watchers, in one statement. A run that exists
 * is updated unless it is finished, so that writing a batch again is harmless.
 */
export function writeExecutions(db: Queryable, runs: readonly NewExecution[]): Promise<void> {
  return writeExecutionLines(db, runs.map(toLine));
}

/** Like {@link writeExecutions}, for lines of a journal. A line that is not JSON is refused with SQLSTATE 22P02. */
export async function writeExecutionLines(db: Queryable, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await db.query(WRITE, [toStorableArray(lines), EXECUTIONS_CHANNEL]);
}

/** The batch of {@link writingOf}. */
export function toBatch(runs: readonly NewExecution[]): string {
  return toStorableArray(runs.map(toLine));
}
