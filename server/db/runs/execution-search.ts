/** Lists executions by any filter, within a time limit. */
import type { Database, Queryable } from '../connection/database.ts';
import {
  queryExecutions,
  type ExecutionFilter,
  type ExecutionPage,
  type ExecutionSummary,
} from './execution-reads.ts';
import { firstIdOf } from './id-times.ts';

/** Number of executions that a search first reads per statement. Other statements can run between them. */
export const SCANNED = 1000;
/** Maximum number of executions per statement, which grows while a search finds few. */
const MAX_SCANNED = 8000;
/** Time limit of a search in milliseconds, and of each of its statements if the database can stop one. PGlite cannot. */
const SEARCH_MS = 1000;
/** Maximum difference between the time in an id and the start of its run. The server takes both at the same moment. */
const ID_SLACK_MS = 60_000;

/** Thrown by a search that took too long. The code is PostgreSQL's for a statement that took too long (query_canceled). */
export class SearchTimeout extends Error {
  readonly code = '57014';
  constructor() {
    super('the search took too long');
    this.name = 'SearchTimeout';
  }
}

/** Returns whether a filter requires a search instead of an index lookup. */
export function isSearch(filter: ExecutionFilter & Partial<ExecutionPage>): boolean {
  const { text, status, httpClass, since, until } = filter;
  return [text, status, httpClass, since, until].some((each) => each !== undefined);
}

/** Lists executions, newest first. Throws an error with the code 57014 if a search takes too long. */
export async function listExecutions(
  db: Database,
  page: ExecutionPage,
): Promise<ExecutionSummary[]> {
  if (!isSearch(page)) return queryExecutions(db, page, { before: page.after });
  const end = performance.now() + SEARCH_MS;
  const found: ExecutionSummary[] = [];
  const { since, until } = page;
  const oldest = since && firstIdOf(new Date(since.getTime() - ID_SLACK_MS));
  let before = earlier(page.after, until && firstIdOf(new Date(until.getTime() + ID_SLACK_MS)));
  for (let count = SCANNED; ; count = Math.min(2 * count, MAX_SCANNED)) {
    const [last, rows] = await inTime(db, SEARCH_MS, async (tx) => {
      const lastId = await lastScanned(tx, page, { before, from: oldest, count });
      const limit = page.limit - found.length;
      return [
        lastId,
        await queryExecutions(tx, { ...page, limit }, { before, from: lastId ?? oldest }),
      ] as const;
    });
    found.push(...rows);
    if (last === undefined || found.length >= page.limit) return found;
    if (performance.now() > end) throw new SearchTimeout();
    before = last;
  }
}

/** Runs a transaction whose statements are stopped if they take too long. */
export function inTime<T>(
  db: Database,
  ms: number,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.execute(`set local statement_timeout = ${ms}`);
    return work(tx);
  });
}

interface Scan {
  readonly before: string | undefined;
  readonly from: string | undefined;
  readonly count: number;
}

/**
 * Returns the last of the executions to search next; undefined if there are fewer, or if an index finds those of the page.
 */
async function lastScanned(
  tx: Queryable,
  page: ExecutionPage,
  { before, from, count }: Scan,
): Promise<string | undefined> {
  if (page.callId !== undefined) return undefined;
  const [condition, value] = scannedOf(page);
  const [row] = await tx.query<{ id: string }>(
    `select id from executions where owner_id = $1 and ${condition}
       and ($3::uuid is null or id < $3) and ($4::uuid is null or id >= $4)
     order by id desc offset ${count - 1} limit 1`,
    [page.ownerId, value, before ?? null, from ?? null],
  );
  return row?.id;
}

/** Returns the most selective condition that has an index, with $2 for its value. */
function scannedOf({ status, httpClass, handlerId }: ExecutionPage): [string, unknown] {
  if (status !== undefined && status !== 'succeeded') {
    return [`status = $2 and status <> 'succeeded'`, status];
  }
  if (httpClass !== undefined && httpClass !== 2) {
    return [`http_status / 100 = $2::int and http_status / 100 <> 2`, httpClass];
  }
  return ['($2::uuid is null or handler_id = $2)', handlerId ?? null];
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}
