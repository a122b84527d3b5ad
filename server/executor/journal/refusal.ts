/** Whether the database refuses a record, or cannot take any now. */
import { sqlState } from '../../db/connection/database.ts';
import { findOutage } from '../../db/connection/unavailable.ts';

/**
 * Classes of SQLSTATE that say nothing of the record: transactions that collide (40), locks (55), a statement that took
 * too long (57), and tables and rights that are not as they should be (3F, 42), where each record would be refused.
 */
const PASSING: ReadonlySet<string> = new Set(['40', '55', '57', '3F', '42']);

/** True: it would refuse it the next time too. False: it will take it later. */
export function isRefusal(error: unknown): boolean {
  if (findOutage(error) !== undefined) return false;
  const state = sqlState(error);
  if (state !== undefined) return !PASSING.has(state.slice(0, 2));
  // It failed on this side: a record is not of the shape that it should be, or is too long to be sent.
  return error instanceof TypeError || error instanceof RangeError;
}

/** SQLSTATE class 23: a handler or user that is gone. Nothing about the texts of a record would help. */
export function isOrphan(error: unknown): boolean {
  return sqlState(error)?.startsWith('23') === true;
}
