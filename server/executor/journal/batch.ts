/** Reads batches of records from a journal file. */
import { open } from 'node:fs/promises';
import { MAX_LINE_CHARACTERS } from '../runs/cut-record.ts';

export const BATCH_BYTES = 512 * 1024;
/** Maximum length of a line; a character takes at most three bytes of UTF-8. */
const MAX_LINE_BYTES = 3 * MAX_LINE_CHARACTERS;
const LINE_FEED = 10;

export interface Batch {
  /** Bytes read, up to the end of a line; 0 if there is no complete line. */
  readonly length: number;
  /** Without their line feeds. */
  readonly lines: readonly string[];
  /** The first bytes of a line that is too long to be read. */
  readonly tooLong?: Buffer;
}

/** Reads the complete lines from an offset on, up to the end of a batch. */
export async function readBatch(
  path: string,
  from: number,
  to: number,
  batchBytes = BATCH_BYTES,
): Promise<Batch> {
  const batchEnd = Math.min(to, from + batchBytes);
  let bytes = await readPart(path, from, batchEnd);
  let length = bytes.lastIndexOf(LINE_FEED) + 1;
  if (length === 0 && batchEnd < to) {
    // A line longer than a batch.
    bytes = await readPart(path, from, Math.min(to, from + MAX_LINE_BYTES));
    length = bytes.indexOf(LINE_FEED) + 1;
    if (length === 0) return skipLine(path, from, to, bytes);
  }
  const text = bytes.toString('utf8', 0, length);
  return { length, lines: text.split('\n').filter((line) => line !== '') };
}

/** Skips a line longer than this server writes. @param head its first bytes */
async function skipLine(path: string, from: number, to: number, head: Buffer): Promise<Batch> {
  for (let at = from + head.length; at < to; at += BATCH_BYTES) {
    const part = await readPart(path, at, Math.min(to, at + BATCH_BYTES));
    const end = part.indexOf(LINE_FEED);
    if (end < 0) continue;
    return { length: at + end + 1 - from, lines: [], tooLong: head };
  }
  return { length: 0, lines: [] };
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
