/** Reads executions: pages, single ones, and the live tail. */
import type { Database, Queryable } from '../connection/database.ts';
import { EXECUTION_COLUMNS, selectFields, TRAP_CODE } from './execution-columns.ts';
import type { ExecutionStatus } from './execution-status.ts';
import type { ExecutionExchange, NewExecution } from './executions.ts';

const SUMMARY_FIELDS = [
  'id',
  'handlerId',
  'mode',
  'callId',
  'attempt',
  'status',
  'method',
  'path',
  'httpStatus',
  'exitCode',
  'gas',
  'memoryPages',
  'wallMs',
  'startedAt',
] as const;

/** An execution in lists. */
export interface ExecutionSummary extends Pick<NewExecution, (typeof SUMMARY_FIELDS)[number]> {
  /** Name of the handler. */
  readonly handler: string;
  /** Number of the version; null if it was deleted. */
  readonly version: number | null;
  readonly trapCode: string | null;
}

/** An execution with all recorded details. */
export interface ExecutionDetail
  extends ExecutionSummary, Omit<NewExecution, 'ownerId' | 'versionId' | 'exchange'> {
  readonly exchange: ExecutionExchange | null;
}

const NAMES = `handlers.name as handler, ${TRAP_CODE},
  (select number from versions where versions.id = executions.version_id) as version`;

const SUMMARY = `${selectFields(SUMMARY_FIELDS)}, ${NAMES}`;

const DETAIL = `${selectFields(
  EXECUTION_COLUMNS.map(({ field }) => field).filter(
    (field) => field !== 'ownerId' && field !== 'versionId',
  ),
)}, ${NAMES}`;

export interface ExecutionFilter {
  readonly ownerId: string;
  readonly handlerId?: string | undefined;
  readonly status?: ExecutionStatus | undefined;
  /** The first digit of the HTTP status. */
  readonly httpClass?: number | undefined;
  /** Text in the log. Not case-sensitive. */
  readonly text?: string | undefined;
}

const MATCHES = `executions.owner_id = $1 and ($2::uuid is null or executions.handler_id = $2)
  and ($3::text is null or executions.status = $3)
  and ($4::text is null or position(lower($4) in lower(executions.log_text)) > 0)
  and ($5::int is null or executions.http_status / 100 = $5)`;

function filterValues(filter: ExecutionFilter): unknown[] {
  const { ownerId, handlerId, status, text, httpClass } = filter;
  return [ownerId, handlerId ?? null, status ?? null, text ?? null, httpClass ?? null];
}

export interface ExecutionPage extends ExecutionFilter {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** The call, for all its attempts. */
  readonly callId?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A search scans executions until a page is full; the statement times out (57014) after this. */
const SEARCH_MS = 4000;

/** Whether a filter requires a search, instead of an index lookup. */
export function isSearch(filter: ExecutionFilter & Partial<ExecutionPage>): boolean {
  const { text, status, httpClass, since, until } = filter;
  return [text, status, httpClass, since, until].some((each) => each !== undefined);
}

/** Newest first. */
export function listExecutions(db: Database, page: ExecutionPage): Promise<ExecutionSummary[]> {
  if (!isSearch(page)) return queryExecutions(db, page);
  return db.transaction(async (tx) => {
    await tx.execute(`set local statement_timeout = ${SEARCH_MS}`);
    return queryExecutions(tx, page);
  });
}

function queryExecutions(db: Queryable, page: ExecutionPage): Promise<ExecutionSummary[]> {
  return db.query<ExecutionSummary>(
    `select ${SUMMARY} from executions join handlers on handlers.id = executions.handler_id
     where ${MATCHES} and ($6::timestamptz is null or started_at >= $6)
       and ($7::timestamptz is null or started_at < $7) and ($8::uuid is null or executions.id < $8)
       and ($9::uuid is null or executions.call_id = $9)
     order by executions.id desc limit $10`,
    [
      ...filterValues(page),
      page.since ?? null,
      page.until ?? null,
      page.after ?? null,
      page.callId ?? null,
      page.limit,
    ],
  );
}

export async function findExecution(
  db: Queryable,
  ownerId: string,
  id: string,
): Promise<ExecutionDetail | undefined> {
  const [found] = await db.query<ExecutionDetail>(
    `select ${DETAIL} from executions join handlers on handlers.id = executions.handler_id
     where executions.owner_id = $1 and executions.id = $2`,
    [ownerId, id],
  );
  return found;
}

/** A position in the order in which executions were written. */
export interface TailPosition {
  /** A transaction's number, as text. */
  readonly writtenBy: string;
  readonly id: string;
}

export type TailedExecution = ExecutionSummary & { readonly writtenBy: string };

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Returns the position after everything visible now. */
export async function tailEnd(db: Queryable): Promise<TailPosition> {
  const [row] = await db.query<{ xmin: string }>(
    'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
  );
  return { writtenBy: row?.xmin ?? '0', id: FIRST_ID };
}

/**
 * Returns executions written after one position and before another, oldest first. `before` must come from {@link tailEnd}:
 * no transaction can add a row before it, so continuing from it misses nothing, however late a writer commits.
 */
export function readTail(
  db: Database,
  filter: ExecutionFilter,
  span: TailSpan,
): Promise<TailedExecution[]> {
  if (!isSearch(filter)) return queryTail(db, filter, span);
  return db.transaction(async (tx) => {
    await tx.execute(`set local statement_timeout = ${SEARCH_MS}`);
    return queryTail(tx, filter, span);
  });
}

interface TailSpan {
  readonly after: TailPosition;
  readonly before: TailPosition;
  readonly limit: number;
}

function queryTail(
  db: Queryable,
  filter: ExecutionFilter,
  { after, before, limit }: TailSpan,
): Promise<TailedExecution[]> {
  return db.query<TailedExecution>(
    `select ${SUMMARY}, executions.written_by::text as "writtenBy"
     from executions join handlers on handlers.id = executions.handler_id
     where ${MATCHES} and (executions.written_by, executions.id) > ($6::xid8, $7::uuid)
       and executions.written_by < $8::xid8
     order by executions.written_by, executions.id limit $9`,
    [...filterValues(filter), after.writtenBy, after.id, before.writtenBy, limit],
  );
}
