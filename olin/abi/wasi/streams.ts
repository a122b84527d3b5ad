/** Reading and writing: of the standard streams, which may wait, and of files. */
import { FileError } from '../../files/file-error.ts';
import type { OpenedFile } from '../../files/open-files.ts';
import { CALL_BOUNDS, gasFor } from '../../run/call-cost.ts';
import type { Process } from '../../run/process.ts';
import type { Resource } from '../../schemes/resource.ts';
import { declare, type AbiFunction } from '../declare.ts';
import { errno, ERRNO, WasiError } from './errno.ts';
import { opened } from './files.ts';
import { chargeMoved, iovs, iovsLength, readVectors, type Vector } from './vectors.ts';
import { fd, place, status, writeU32 } from './wire.ts';

const NOTHING = new Uint8Array(0);
const APPEND = 1;
const offset = { name: 'offset', type: 'u64', doc: 'where in the file' } as const;

function write(process: Process, fd: number, base: number, count: number, total: number) {
  const to = opened(process, fd);
  if (to.kind === 'output') return writeStream(process, to.resource, base, count, total);
  if (to.kind !== 'file' || !to.writes) throw new WasiError(ERRNO.badf);
  const at = (to.flags & APPEND) === 0 ? to.position : to.node.contents.size;
  const written = writeFile(process, to, readVectors(process, base, count), at, total);
  to.position = at + written;
}

function writeStream(
  process: Process,
  to: Resource,
  base: number,
  count: number,
  total: number,
): void | Promise<void> {
  const list = readVectors(process, base, count);
  chargeMoved(process, list);
  let written = 0;
  for (const [i, { base, length }] of list.entries()) {
    const more = to.write(process.memory.view(base, length));
    if (more instanceof Promise) {
      return finishWriting(process, to, list.slice(i + 1), written, more, total);
    }
    written += more;
  }
  process.countWritten(written);
  writeU32(process, total, written);
}

async function finishWriting(
  process: Process,
  to: Resource,
  rest: readonly Vector[],
  written: number,
  first: Promise<number>,
  total: number,
): Promise<void> {
  let sum = written + (await first);
  for (const { base, length } of rest) {
    const more = to.write(process.memory.view(base, length));
    sum += await more;
  }
  process.countWritten(sum);
  writeU32(process, total, sum);
}

/** Writes the vectors in turn, and returns how many bytes fit. */
function writeFile(
  process: Process,
  { node }: OpenedFile,
  list: readonly Vector[],
  at: number,
  total: number,
): number {
  chargeMoved(process, list);
  // The place of the result is checked before anything changes.
  process.memory.check(total, 4);
  let written = 0;
  for (const { base, length } of list) {
    const bytes = process.memory.view(base, length);
    const more = writeSome(process, node, at + written, bytes, written > 0);
    written += more;
    if (more < length) break;
  }
  if (written > 0) node.touch(process.timestamp());
  process.countWritten(written);
  writeU32(process, total, written);
  return written;
}

/** @param isPart whether earlier bytes of the call were written: then what does not fit is a short count */
function writeSome(
  process: Process,
  { contents }: OpenedFile['node'],
  at: number,
  bytes: Uint8Array,
  isPart: boolean,
): number {
  try {
    return contents.write(at, bytes, process);
  } catch (error) {
    if (isPart && error instanceof FileError) return 0;
    throw error;
  }
}

function read(process: Process, fd: number, base: number, count: number, total: number) {
  const from = opened(process, fd);
  if (from.kind === 'input') return readStream(process, from.resource, base, count, total);
  if (from.kind !== 'file' || !from.reads) throw new WasiError(ERRNO.badf);
  from.position += readFile(process, from, base, count, from.position, total);
}

/** Reads into the first non-empty vector: a short count does not mean the end, but 0 does. */
function readStream(
  process: Process,
  from: Resource,
  base: number,
  count: number,
  total: number,
): void | Promise<void> {
  const [into] = readVectors(process, base, count);
  if (into === undefined) return writeU32(process, total, 0);
  const give = (chunk: Uint8Array | null): void => {
    const bytes = chunk ?? NOTHING;
    process.charge(gasFor('moved', bytes.length));
    process.memory.view(into.base, into.length).set(bytes);
    process.countRead(bytes.length);
    writeU32(process, total, bytes.length);
  };
  const chunk = from.read(into.length);
  return chunk instanceof Promise ? chunk.then(give) : give(chunk);
}

/** Reads into the vectors in turn, and returns the number of bytes. */
function readFile(
  process: Process,
  { node }: OpenedFile,
  base: number,
  count: number,
  at: number,
  total: number,
): number {
  const list = readVectors(process, base, count);
  process.memory.check(total, 4);
  const room = list.reduce((sum, { length }) => sum + length, 0);
  process.charge(gasFor('moved', Math.max(0, Math.min(room, node.contents.size - at))));
  let sum = 0;
  for (const { base, length } of list) {
    const more = node.contents.read(at + sum, process.memory.view(base, length));
    sum += more;
    if (more < length) break;
  }
  process.countRead(sum);
  writeU32(process, total, sum);
  return sum;
}

/** A position in a file. Throws `inval` if it is none that a file can have. */
function toPosition(offset: bigint): number {
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new WasiError(ERRNO.inval);
  return Number(offset);
}

function readAt(
  process: Process,
  fd: number,
  base: number,
  count: number,
  offset: bigint,
  total: number,
): void {
  const from = opened(process, fd);
  if (from.kind === 'input') throw new WasiError(ERRNO.spipe);
  if (from.kind !== 'file' || !from.reads) throw new WasiError(ERRNO.badf);
  readFile(process, from, base, count, toPosition(offset), total);
}

function writeAt(
  process: Process,
  fd: number,
  base: number,
  count: number,
  offset: bigint,
  total: number,
): void {
  const to = opened(process, fd);
  if (to.kind === 'output') throw new WasiError(ERRNO.spipe);
  if (to.kind !== 'file' || !to.writes) throw new WasiError(ERRNO.badf);
  writeFile(process, to, readVectors(process, base, count), toPosition(offset), total);
}

export const streams: readonly AbiFunction[] = [
  declare({
    name: 'fd_write',
    doc: `Writes to standard output, standard error or a file, at most ${CALL_BOUNDS.movedBytes} bytes from at most ${CALL_BOUNDS.vectors} vectors.`,
    params: [fd, iovs, iovsLength, place('nwritten')],
    result: status,
    errors: [],
    blocks: true,
    body: (process, fd, base, count, total) => errno(() => write(process, fd, base, count, total)),
  }),
  declare({
    name: 'fd_read',
    doc: `Reads from standard input, and waits until data is available, or from a file; 0 bytes mean the end. At most ${CALL_BOUNDS.movedBytes} bytes.`,
    params: [fd, iovs, iovsLength, place('nread')],
    result: status,
    errors: [],
    blocks: true,
    body: (process, fd, base, count, total) => errno(() => read(process, fd, base, count, total)),
  }),
  declare({
    name: 'fd_pread',
    doc: 'Reads from a file at an offset, and does not move its position.',
    params: [fd, iovs, iovsLength, offset, place('nread')],
    result: status,
    errors: [],
    blocks: true,
    body: (process, fd, base, count, offset, total) =>
      errno(() => readAt(process, fd, base, count, offset, total)),
  }),
  declare({
    name: 'fd_pwrite',
    doc: 'Writes to a file at an offset, and does not move its position.',
    params: [fd, iovs, iovsLength, offset, place('nwritten')],
    result: status,
    errors: [],
    blocks: true,
    body: (process, fd, base, count, offset, total) =>
      errno(() => writeAt(process, fd, base, count, offset, total)),
  }),
];
