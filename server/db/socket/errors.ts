/** Encodes database errors for the socket. */
import { DatabaseUnavailableError, findOutage, type Outage } from '../connection/unavailable.ts';
import { fieldsOf } from './messages.ts';

/** An error of the remote database, with its SQLSTATE in `code`, as in errors of the drivers. */
export class RemoteDatabaseError extends Error {
  readonly code: string | undefined;
  constructor(message: string, code?: string) {
    super(message);
    this.name = 'RemoteDatabaseError';
    this.code = code;
  }
}

/** SQLSTATEs of errors of the socket itself. */
export const IDLE_IN_TRANSACTION = '25P03';
export const TRANSACTION_TIMEOUT = '25P04';
export const NO_ACTIVE_TRANSACTION = '25P01';
export const LIMIT_EXCEEDED = '54000';
export const TOO_MANY_STATEMENTS = '53400';

/** Text fields of database errors that callers read. */
const FIELDS = ['code', 'detail', 'hint', 'schema', 'table', 'column', 'constraint'] as const;
/** Maximum length of each field, because a message may repeat a statement's values. */
const MAX_TEXT = 10_000;

export function encodeError(error: unknown): object {
  if (error instanceof DatabaseUnavailableError) return { outage: error.outage };
  if (!(error instanceof Error)) return { message: 'the database failed' };
  const fields = fieldsOf(error);
  const texts = FIELDS.flatMap((name): [string, string][] => {
    const value = fields[name];
    return typeof value === 'string' ? [[name, value.slice(0, MAX_TEXT)]] : [];
  });
  return { ...Object.fromEntries(texts), message: error.message.slice(0, MAX_TEXT) };
}

const OUTAGES: readonly Outage[] = ['unreachable', 'restarting', 'overloaded'];

export function decodeError(error: object): Error {
  const fields = fieldsOf(error);
  const outage = OUTAGES.find((each) => each === fields['outage']);
  if (outage !== undefined) return new DatabaseUnavailableError(outage);
  const { message, code } = fields;
  const decoded = new RemoteDatabaseError(
    String(message),
    typeof code === 'string' ? code : undefined,
  );
  for (const name of FIELDS) {
    const value = fields[name];
    if (name !== 'code' && typeof value === 'string') Object.assign(decoded, { [name]: value });
  }
  const away = findOutage(decoded);
  return away === undefined ? decoded : new DatabaseUnavailableError(away, { cause: decoded });
}
