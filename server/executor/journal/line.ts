/** The journal's lines: a record as one line of JSON, until it is written to the database. */
import { EXECUTION_COLUMNS } from '../../db/runs/execution-columns.ts';
import type { NewExecution } from '../../db/runs/executions.ts';
import { writeCut } from '../runs/cut-record.ts';

const COLUMNS = EXECUTION_COLUMNS.map(({ field, toJson }, at) => ({
  prefix: `${at === 0 ? '{' : ','}"${field}":`,
  toJson,
}));

/** Serializes a record to one line, truncated to the maximum length. */
export function writeLine(run: NewExecution): string {
  return writeCut(run, writeWhole);
}

function writeWhole(run: NewExecution): string {
  let line = '';
  for (const { prefix, toJson } of COLUMNS) {
    const value = toJson(run);
    if (value !== undefined) line += prefix + value;
  }
  return `${line}}\n`;
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
