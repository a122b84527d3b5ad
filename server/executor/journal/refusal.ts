/** Distinguishes errors caused by a record from temporary failures of the database. */
import { sqlState } from '../../db/connection/database.ts';
import { findOutage } from '../../db/connection/unavailable.ts';

/**
 * SQLSTATE classes unrelated to the record: serialization failures (40), locks (55), statement timeouts (57), and
 * missing tables or rights (3F, 42), where every record would be refused.
 */
const TRANSIENT: ReadonlySet<string> = new Set(['40', '55', '57', '3F', '42']);

/** True if a retry would fail too; false if it may succeed later. */
export function isRefusal(error: unknown): boolean {
  if (findOutage(error) !== undefined) return false;
  const state = sqlState(error);
  if (state !== undefined) return !TRANSIENT.has(state.slice(0, 2));
  // The error is local: the record is malformed, or too long to send.
  return error instanceof TypeError || error instanceof RangeError;
}

/** SQLSTATE class 23: the handler or user no longer exists. Removing texts from the record would not help. */
export function isOrphan(error: unknown): boolean {
  return sqlState(error)?.startsWith('23') === true;
}
