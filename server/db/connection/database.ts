/** The database interface of the server: SQL text with `$1` placeholders, and transactions. */
import { isState } from './unavailable.ts';

/** Executes statements: the database itself, or one transaction. */
export interface Queryable {
  /** Executes one statement. 64-bit integers are returned as numbers, timestamps as Date, jsonb as values. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Executes several statements without parameters, such as a migration. Returns the rows of all. */
  execute(text: string): Promise<readonly unknown[]>;
}

/** Every method rejects with a `DatabaseUnavailableError` if the database cannot be reached. */
export interface Database extends Queryable {
  readonly kind: 'pglite' | 'postgres';
  /** Commits if `work` resolves; rolls back if it rejects. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /**
   * Calls `onNotice` with the payload of each NOTIFY on the channel, until the returned function is called. A lost
   * connection is reopened; `onNotice` is then called with an empty payload, since notifications may have been missed.
   */
  listen(channel: string, onNotice: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Returns the single row of a statement that always returns one. */
export function onlyRow<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1)
    throw new Error(`one row was expected, but there are ${rows.length}`);
  return row;
}

/** SQLSTATE of a database error of either driver. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return undefined;
  return isState(error.code) ? error.code : undefined;
}
