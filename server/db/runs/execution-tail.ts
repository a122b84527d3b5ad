/** The live tail: executions in the order in which they were written. */
import type { Database, Queryable } from '../connection/database.ts';
import {
  filterValues,
  MATCHES,
  SUMMARY,
  type ExecutionFilter,
  type ExecutionSummary,
} from './execution-reads.ts';
import { inTime, isSearch, SCANNED } from './execution-search.ts';

/** A position in the order in which executions were written. */
export interface TailPosition {
  /** A transaction's number, as text. */
  readonly writtenBy: string;
  readonly id: string;
}

export type TailedExecution = ExecutionSummary & { readonly writtenBy: string };

const MAX_STATEMENT_MS = 4000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Returns the position after everything visible now. */
export async function tailEnd(db: Queryable): Promise<TailPosition> {
  const [row] = await db.query<{ xmin: string }>(
    'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
  );
  return { writtenBy: row?.xmin ?? '0', id: FIRST_ID };
}

export interface TailRead {
  readonly rows: readonly TailedExecution[];
  /** The position up to which everything was read, unless there are as many rows as the limit. */
  readonly end: TailPosition;
}

/**
 * Returns the executions written after one position and before another, oldest first. The second position is an earlier
 * result of {@link tailEnd}: no older transaction can add a row before it, so continuing from it misses nothing,
 * however late a writer commits. A search may end before that position.
 */
export async function readTail(
  db: Database,
  filter: ExecutionFilter,
  span: TailSpan,
): Promise<TailRead> {
  if (!isSearch(filter)) {
    return { rows: await queryTail(db, filter, span, undefined), end: span.before };
  }
  return inTime(db, MAX_STATEMENT_MS, async (tx) => {
    const last = await lastTailed(tx, filter, span);
    return { rows: await queryTail(tx, filter, span, last), end: last ?? span.before };
  });
}

interface TailSpan {
  readonly after: TailPosition;
  readonly before: TailPosition;
  readonly limit: number;
}

/** The last one of the next {@link SCANNED} executions; undefined if there are fewer. */
async function lastTailed(
  tx: Queryable,
  { ownerId }: ExecutionFilter,
  { after, before }: TailSpan,
): Promise<TailPosition | undefined> {
  const [row] = await tx.query<TailPosition>(
    `select written_by::text as "writtenBy", id from executions
     where owner_id = $1 and (written_by, id) > ($2::xid8, $3::uuid) and written_by < $4::xid8
     order by written_by, id offset ${SCANNED - 1} limit 1`,
    [ownerId, after.writtenBy, after.id, before.writtenBy],
  );
  return row;
}

/** @param last later ones are left out */
function queryTail(
  db: Queryable,
  filter: ExecutionFilter,
  { after, before, limit }: TailSpan,
  last: TailPosition | undefined,
): Promise<TailedExecution[]> {
  return db.query<TailedExecution>(
    `select ${SUMMARY}, executions.written_by::text as "writtenBy"
     from executions join handlers on handlers.id = executions.handler_id
     where ${MATCHES} and (executions.written_by, executions.id) > ($6::xid8, $7::uuid)
       and executions.written_by < $8::xid8
       and ($10::xid8 is null or (executions.written_by, executions.id) <= ($10::xid8, $11::uuid))
     order by executions.written_by, executions.id limit $9`,
    [
      ...filterValues(filter),
      after.writtenBy,
      after.id,
      before.writtenBy,
      limit,
      last?.writtenBy ?? null,
      last?.id ?? null,
    ],
  );
}
