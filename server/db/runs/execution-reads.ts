/** Reads executions: pages and single ones. */
import type { Queryable } from '../connection/database.ts';
import { EXECUTION_COLUMNS, selectFields, TRAP_CODE } from './execution-columns.ts';
import type { ExecutionStatus } from '../../execution-status.ts';
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

/** The columns of an {@link ExecutionSummary}. */
export const SUMMARY = `${selectFields(SUMMARY_FIELDS)}, ${NAMES}`;

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

/** The condition for the parameters of {@link filterValues}. */
export const MATCHES = `executions.owner_id = $1 and ($2::uuid is null or executions.handler_id = $2)
  and ($3::text is null or executions.status = $3)
  and ($4::text is null or position(lower($4) in lower(executions.log_text)) > 0)
  and ($5::int is null or executions.http_status / 100 = $5)`;

export function filterValues(filter: ExecutionFilter): unknown[] {
  const { ownerId, handlerId, status, text, httpClass } = filter;
  return [ownerId, handlerId ?? null, status ?? null, text ?? null, httpClass ?? null];
}

export interface ExecutionPage extends ExecutionFilter {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** ID of an asynchronous call: selects all its attempts. */
  readonly callId?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Limits of a page. */
interface PagePart {
  /** Only executions before this one. */
  readonly before?: string | undefined;
  /** Only executions from this one on. */
  readonly from?: string | undefined;
}

/** Newest first. */
export function queryExecutions(
  db: Queryable,
  page: ExecutionPage,
  { before, from }: PagePart,
): Promise<ExecutionSummary[]> {
  return db.query<ExecutionSummary>(
    `select ${SUMMARY} from executions join handlers on handlers.id = executions.handler_id
     where ${MATCHES} and ($6::timestamptz is null or started_at >= $6)
       and ($7::timestamptz is null or started_at < $7) and ($8::uuid is null or executions.id < $8)
       and ($9::uuid is null or executions.id = $9 or executions.call_id = $9 and executions.mode = 'async')
       and ($11::uuid is null or executions.id >= $11)
     order by executions.id desc limit $10`,
    [
      ...filterValues(page),
      page.since ?? null,
      page.until ?? null,
      before ?? null,
      page.callId ?? null,
      page.limit,
      from ?? null,
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
