/**
 * Executions as lines of JSON. An executor's journal consists of them, and they are sent to the database as they are:
 * parsing and serializing them again took 5 of the 33 microseconds of CPU of a short run (`npm run bench -- http`).
 */
import { EXECUTION_COLUMNS } from './execution-columns.ts';
import type { NewExecution } from './executions.ts';

const COLUMNS = EXECUTION_COLUMNS.map(({ field, toJson }, at) => ({
  prefix: `${at === 0 ? '{' : ','}"${field}":`,
  toJson,
}));

/** Serializes a record to one line, without a line feed. */
export function toLine(run: NewExecution): string {
  let line = '';
  for (const { prefix, toJson } of COLUMNS) {
    const value = toJson(run);
    if (value !== undefined) line += prefix + value;
  }
  return `${line}}`;
}

/** Times are numbers; older servers wrote them as text. */
type Line = {
  readonly [K in keyof NewExecution]: NewExecution[K] extends Uint8Array
    ? string
    : NewExecution[K] extends Date
      ? number | string
      : NewExecution[K];
};

/** Returns undefined if the line was truncated by a system crash. */
export function readLine(line: string): NewExecution | undefined {
  try {
    const run: Line = JSON.parse(line);
    return {
      ...run,
      output: Buffer.from(run.output, 'base64'),
      errorOutput: Buffer.from(run.errorOutput, 'base64'),
      startedAt: new Date(run.startedAt),
    };
  } catch {
    return undefined;
  }
}

/** What PostgreSQL's JSON cannot represent, NUL and unpaired surrogates, as `JSON.stringify` escapes it. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/** The lines as a JSON array that PostgreSQL accepts if they are readable. What it cannot store becomes U+FFFD. */
export function toStorableArray(lines: readonly string[]): string {
  const text = `[${lines.join(',')}]`;
  return UNSTORABLE.test(text) ? `[${lines.map(toStorable).join(',')}]` : text;
}

function toStorable(line: string): string {
  if (!UNSTORABLE.test(line)) return line;
  try {
    return JSON.stringify(storable(JSON.parse(line)));
  } catch {
    return line;
  }
}

/** Replaces what PostgreSQL cannot store in all texts of the value. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD').toWellFormed();
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [storable(key), storable(each)]),
    );
  }
  return value;
}
