/** The log: a line of JSON per event. What is written of an error is chosen here, since errors hold what others sent. */
import { pino, type DestinationStream, type Logger } from 'pino';
import { sqlState } from './db/connection/database.ts';

/** Characters of a message and of a stack, and causes of causes, at most. */
const MAX_MESSAGE = 2000;
const MAX_STACK = 8000;
const MAX_DEPTH = 6;

/** Names in the database, which hold no values. */
const DATABASE_FIELDS = ['severity', 'schema', 'table', 'column', 'constraint', 'routine'] as const;

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** @param level as in LOG_LEVEL; @param destination default standard output */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = { level, serializers: { err: (error: unknown) => describeError(error) } };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/**
 * An error without the fields that its maker put on it: those of a database error repeat rows, those of a failed fetch or
 * of a refused URL repeat addresses with passwords.
 */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an error' };
  const state = sqlState(error);
  const message = describeMessage(error, state).slice(0, MAX_MESSAGE);
  return {
    type: error.name,
    message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(state === undefined ? {} : databaseFields(error)),
    stack: `${error.name}: ${message}\n${framesOf(error)}`.slice(0, MAX_STACK),
    ...(depth < MAX_DEPTH ? causesOf(error, depth) : {}),
  };
}

/**
 * Class 22 (data exception) repeats the value that cannot be read, and so do errors of JSON. Messages of other classes
 * name tables and constraints alone.
 */
function describeMessage(error: Error, state: string | undefined): string {
  if (state?.startsWith('22') === true) {
    return 'the database refused a value; its own message would repeat it';
  }
  return error instanceof SyntaxError ? 'a text could not be parsed' : error.message;
}

function databaseFields(error: Error): Readonly<Record<string, unknown>> {
  const fields = new Map<string, unknown>(Object.entries(error));
  return Object.fromEntries(
    DATABASE_FIELDS.flatMap((name) => {
      const value = fields.get(name);
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

/** Without the first lines, which repeat the message. */
function framesOf({ stack = '' }: Error): string {
  const at = stack.search(/^ {4}at /m);
  return at < 0 ? '' : stack.slice(at);
}

function causesOf(error: Error, depth: number): Readonly<Record<string, unknown>> {
  const all: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return {
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause, depth + 1) }),
    ...(all.length === 0 ? {} : { errors: all.map((each) => describeError(each, depth + 1)) }),
  };
}
