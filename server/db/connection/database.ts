/** What the rest of the server knows of a database: text with `$1`, and transactions. */
import { isState } from './unavailable.ts';

/** Where statements go: the database itself, or one transaction of it. */
export interface Queryable {
  /** One statement. Whole numbers of 64 bits come back as numbers, times as Date, jsonb as values. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Several statements without values, as a migration has them. Gives the rows of all. */
  execute(text: string): Promise<readonly unknown[]>;
}

/** Every method rejects with a `DatabaseUnavailableError` if the database cannot be reached. */
export interface Database extends Queryable {
  readonly kind: 'pglite' | 'postgres';
  /** Commits what `work` did, or undoes all of it where `work` throws. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /**
   * Calls `onNotice` with the payload of each NOTIFY on the channel, until the returned function is called.
   * A lost connection is made anew; `onNotice` is then called with an empty payload, since some may be missed.
   */
  listen(channel: string, onNotice: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** The one row of a statement that always gives one. */
export function onlyRow<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1)
    throw new Error(`one row was expected, ${rows.length} came`);
  return row;
}

/** SQLSTATE of a database error, by either driver. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return undefined;
  return isState(error.code) ? error.code : undefined;
}
