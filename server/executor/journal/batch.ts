/** Reads batches of records from a journal file. */
import { open } from 'node:fs/promises';
import type { NewExecution } from '../../db/runs/executions.ts';
import { MAX_LINE_CHARACTERS } from '../runs/cut-record.ts';
import { readLine } from './line.ts';

const BATCH_BYTES = 512 * 1024;
/** Maximum length of a line; a character takes at most three bytes of UTF-8. */
const MAX_LINE_BYTES = 3 * MAX_LINE_CHARACTERS;
const LINE_FEED = 10;

export interface Batch {
  /** Bytes read, up to the end of a line; 0 if there is no complete line. */
  readonly length: number;
  readonly runs: readonly NewExecution[];
  readonly unreadable: readonly UnreadableLine[];
}

interface UnreadableLine {
  /** The first bytes of a line that is too long. */
  readonly line: Buffer;
  readonly error: Error;
}

/** Reads the complete lines from an offset on, up to the end of a batch. */
export async function readBatch(path: string, from: number, to: number): Promise<Batch> {
  const batchEnd = Math.min(to, from + BATCH_BYTES);
  let bytes = await readPart(path, from, batchEnd);
  let length = bytes.lastIndexOf(LINE_FEED) + 1;
  if (length === 0 && batchEnd < to) {
    // A line longer than a batch.
    bytes = await readPart(path, from, Math.min(to, from + MAX_LINE_BYTES));
    length = bytes.indexOf(LINE_FEED) + 1;
    if (length === 0) return skipLine(path, from, to, bytes);
  }
  const runs: NewExecution[] = [];
  const unreadable: UnreadableLine[] = [];
  for (const line of linesOf(bytes.subarray(0, length))) {
    const run = readLine(line.toString('utf8'));
    if (run === undefined) unreadable.push({ line, error: new Error('it cannot be read') });
    else runs.push(run);
  }
  return { length, runs, unreadable };
}

/** Skips a line longer than this server writes. @param head its first bytes */
async function skipLine(path: string, from: number, to: number, head: Buffer): Promise<Batch> {
  for (let at = from + head.length; at < to; at += BATCH_BYTES) {
    const part = await readPart(path, at, Math.min(to, at + BATCH_BYTES));
    const end = part.indexOf(LINE_FEED);
    if (end < 0) continue;
    const unreadable = [{ line: head, error: new Error('it is too long') }];
    return { length: at + end + 1 - from, runs: [], unreadable };
  }
  return { length: 0, runs: [], unreadable: [] };
}

function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, at);
    const to = end < 0 ? bytes.length : end;
    if (to > at) yield bytes.subarray(at, to);
    at = to + 1;
  }
}

async function readPart(path: string, from: number, to: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(to - from);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
