/**
 * The log: one JSON line per event. Only selected fields of errors are written, because errors can contain data of
 * others.
 */
import { pino, type DestinationStream, type Logger } from 'pino';
import { sqlState } from './db/connection/database.ts';

/** Maximum characters of a message and of a stack, and maximum depth of causes. */
const MAX_MESSAGE = 2000;
const MAX_STACK = 8000;
const MAX_DEPTH = 6;

/** Fields with names of database objects, which contain no values. */
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
 * Describes an error without its extra fields: those of a database error may repeat rows, and those of a failed fetch
 * or an invalid URL may repeat addresses with passwords.
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
 * Messages of class 22 (data exception) repeat the invalid value, and so do JSON errors. Messages of other classes only
 * name tables and constraints.
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

/** Returns the stack without its first lines, which repeat the message. */
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
