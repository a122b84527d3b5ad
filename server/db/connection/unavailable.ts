/** Recognizes the many errors of an unreachable database, in one place. */

/** Reason why the database is unavailable. */
export type Outage = 'unreachable' | 'restarting' | 'overloaded';

/** Thrown by every driver of `server/db/` in place of its own error, which is the cause. */
export class DatabaseUnavailableError extends Error {
  readonly outage: Outage;
  constructor(outage: Outage, options?: ErrorOptions) {
    super(`the database is ${outage}`, options);
    this.name = 'DatabaseUnavailableError';
    this.outage = outage;
  }
}

/** Outages by SQLSTATE, or by its class, which is the first two characters. */
const OUTAGE_BY_STATE: Readonly<Record<string, Outage>> = {
  // connection_exception, invalid_authorization, invalid_catalog_name: no session can be opened.
  '08': 'unreachable',
  '28': 'unreachable',
  '3D000': 'unreachable',
  // read_only_sql_transaction: the server is a standby, as during a failover.
  '25006': 'unreachable',
  // idle_in_transaction_session_timeout, transaction_timeout: the server has closed the session.
  '25P03': 'overloaded',
  '25P04': 'overloaded',
  // insufficient_resources (too_many_connections, disk_full, out_of_memory).
  '53': 'overloaded',
  // admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_session_timeout.
  // query_canceled, 57014, is not among them: one statement took too long, but the database works.
  '57P01': 'restarting',
  '57P02': 'restarting',
  '57P03': 'restarting',
  '57P04': 'unreachable',
  '57P05': 'unreachable',
  // system_error (io_error, undefined_file).
  '58': 'unreachable',
};

/** Codes of Node's sockets and resolver, and of TLS when the connection is cut off during the handshake. */
const SOCKET_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EACCES',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_SOCKET_CLOSED',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
]);

/** Messages of pg, its pool and PGlite that have no code. */
const MESSAGES: readonly (readonly [RegExp, Outage])[] = [
  [/^Connection terminated/, 'unreachable'],
  [/^timeout exceeded when trying to connect/, 'overloaded'],
  [/^(timeout expired|Query read timeout)$/, 'unreachable'],
  // After a connection was lost, each further statement on it.
  [/^Client (has encountered a connection error|was closed) and is not queryable/, 'unreachable'],
  [/^Cannot use a pool after calling end on the pool/, 'restarting'],
  [/^There was an error establishing an SSL connection/, 'unreachable'],
  [/^PGlite (is clos|failed to initialize)/, 'restarting'],
];

/** Returns undefined for other errors, such as a violated constraint or a defect. */
export function findOutage(error: unknown): Outage | undefined {
  if (error instanceof DatabaseUnavailableError) return error.outage;
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const bySocket = SOCKET_CODES.has(code) ? 'unreachable' : undefined;
  const found =
    OUTAGE_BY_STATE[code] ??
    bySocket ??
    (isState(code) ? OUTAGE_BY_STATE[code.slice(0, 2)] : undefined) ??
    MESSAGES.find(([pattern]) => pattern.test(error.message))?.[1];
  if (found !== undefined || !(error instanceof AggregateError)) return found;
  // Node throws this for a name with several addresses, if all of them failed.
  const all: readonly unknown[] = error.errors;
  return all.map(findOutage).find((each) => each !== undefined);
}

/** Returns the error itself, or a `DatabaseUnavailableError` if it means an outage. */
export function asUnavailable(error: unknown): unknown {
  if (error instanceof DatabaseUnavailableError) return error;
  const outage = findOutage(error);
  return outage === undefined ? error : new DatabaseUnavailableError(outage, { cause: error });
}

/** Node's five-letter codes, such as EPIPE, resemble SQLSTATEs, but those contain a digit. */
export function isState(code: string): boolean {
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(code);
}
