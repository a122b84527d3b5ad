/** Reads executions: pages and single ones. */
import type { Database, Queryable } from '../connection/database.ts';
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

/** Number of executions that a search reads at a time. Other statements run in between. */
export const SCANNED = 1000;
/** Time limit of a search in milliseconds, and of each of its statements if the database can stop one. PGlite cannot. */
const SEARCH_MS = 4000;

/** Thrown by a search that took too long. The code is PostgreSQL's for a statement that took too long (query_canceled). */
export class SearchTimeout extends Error {
  readonly code = '57014';
  constructor() {
    super('the search took too long');
    this.name = 'SearchTimeout';
  }
}

/** Whether a filter requires a search, instead of an index lookup. */
export function isSearch(filter: ExecutionFilter & Partial<ExecutionPage>): boolean {
  const { text, status, httpClass, since, until } = filter;
  return [text, status, httpClass, since, until].some((each) => each !== undefined);
}

/** Lists executions, newest first. Throws an error with the code 57014 if a search takes too long. */
export async function listExecutions(
  db: Database,
  page: ExecutionPage,
): Promise<ExecutionSummary[]> {
  if (!isSearch(page)) return queryExecutions(db, page, undefined);
  const end = performance.now() + SEARCH_MS;
  const found: ExecutionSummary[] = [];
  for (let { after } = page; ;) {
    const part = { ...page, after, limit: page.limit - found.length };
    const [last, rows] = await inTime(db, async (tx) => {
      const lastId = await lastScanned(tx, part);
      return [lastId, await queryExecutions(tx, part, lastId)] as const;
    });
    found.push(...rows);
    if (last === undefined || found.length >= page.limit) return found;
    if (performance.now() > end) throw new SearchTimeout();
    after = last;
  }
}

/** Runs a transaction whose statements are stopped if they take too long. */
export function inTime<T>(db: Database, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.execute(`set local statement_timeout = ${SEARCH_MS}`);
    return work(tx);
  });
}

/** The last one of the next {@link SCANNED} executions; undefined if there are fewer. */
async function lastScanned(tx: Queryable, page: ExecutionPage): Promise<string | undefined> {
  const { ownerId, handlerId, after, callId } = page;
  const [row] = await tx.query<{ id: string }>(
    `select id from executions where owner_id = $1 and ($2::uuid is null or handler_id = $2)
       and ($3::uuid is null or id < $3) and ($4::uuid is null or call_id = $4)
     order by id desc offset ${SCANNED - 1} limit 1`,
    [ownerId, handlerId ?? null, after ?? null, callId ?? null],
  );
  return row?.id;
}

/** @param lastId older ones are left out */
function queryExecutions(
  db: Queryable,
  page: ExecutionPage,
  lastId: string | undefined,
): Promise<ExecutionSummary[]> {
  return db.query<ExecutionSummary>(
    `select ${SUMMARY} from executions join handlers on handlers.id = executions.handler_id
     where ${MATCHES} and ($6::timestamptz is null or started_at >= $6)
       and ($7::timestamptz is null or started_at < $7) and ($8::uuid is null or executions.id < $8)
       and ($9::uuid is null or executions.call_id = $9) and ($11::uuid is null or executions.id >= $11)
     order by executions.id desc limit $10`,
    [
      ...filterValues(page),
      page.since ?? null,
      page.until ?? null,
      page.after ?? null,
      page.callId ?? null,
      page.limit,
      lastId ?? null,
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
