/** The journal's lines: a record as one line of JSON, until it is written to the database. */
import { toLine } from '../../db/runs/execution-lines.ts';
import type { NewExecution } from '../../db/runs/executions.ts';
import { writeCut } from '../runs/cut-record.ts';

/** Serializes a record to one line, truncated to the maximum length. */
export function writeLine(run: NewExecution): string {
  return writeCut(run, writeWhole);
}

function writeWhole(run: NewExecution): string {
  return `${toLine(run)}\n`;
}
