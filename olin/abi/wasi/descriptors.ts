/** The three standard descriptors: streams without a position. */
import { CALL_BOUNDS, gasFor } from '../../run/call-cost.ts';
import type { OpenFile } from '../../files/open-files.ts';
import type { Process } from '../../run/process.ts';
import type { Resource } from '../../schemes/resource.ts';
import { declare, type AbiFunction } from '../declare.ts';
import { errno, ERRNO, WasiError } from './errno.ts';
import { dataAt, fd, place, status, u32, writeU32 } from './wire.ts';

/** Size of a vector: an address and a length. */
const VECTOR_BYTES = 8;
const NOTHING = new Uint8Array(0);
const iovs = u32('iovs', 'the address of a list of addresses and lengths');
const iovsLength = u32('iovs_len', 'how many there are');

/** The only rights: read and write. */
const MAY_READ = 2n;
const MAY_WRITE = 64n;

/** Returns an open descriptor. Throws `badf` if it is not open. */
function opened(process: Process, fd: number): OpenFile {
  const found = process.files.get(fd);
  if (found === undefined) throw new WasiError(ERRNO.badf);
  return found;
}

/** Returns a stream that can be read, or written. Throws `badf` if the descriptor is not open, or is for the other. */
function stream(process: Process, fd: number, kind: OpenFile['kind']): Resource {
  const found = opened(process, fd);
  if (found.kind !== kind) throw new WasiError(ERRNO.badf);
  return found.resource;
}

interface Vector {
  readonly base: number;
  readonly length: number;
}

/**
 * Reads the non-empty vectors, before anything waits, up to what one call moves. Throws InvalidArgument if one is outside
 * the memory, and `inval` if there are too many.
 */
function readVectors(process: Process, base: number, count: number): Vector[] {
  if (count > CALL_BOUNDS.vectors) throw new WasiError(ERRNO.inval);
  process.charge(gasFor('item', count));
  const view = dataAt(process, base, count * VECTOR_BYTES);
  const list: Vector[] = [];
  let rest: number = CALL_BOUNDS.movedBytes;
  for (let at = 0; at < count * VECTOR_BYTES; at += VECTOR_BYTES) {
    const base = view.getUint32(at, true);
    const whole = view.getUint32(at + 4, true);
    process.memory.check(base, whole);
    const length = Math.min(whole, rest);
    rest -= length;
    if (length > 0) list.push({ base, length });
  }
  return list;
}

/** Writes the vectors in turn. */
function write(process: Process, fd: number, base: number, count: number, total: number) {
  const to = stream(process, fd, 'output');
  const list = readVectors(process, base, count);
  process.charge(
    gasFor(
      'moved',
      list.reduce((sum, { length }) => sum + length, 0),
    ),
  );
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

/** Reads into the first non-empty vector: a short count does not mean the end, but 0 does. */
function read(process: Process, fd: number, base: number, count: number, total: number) {
  const from = stream(process, fd, 'input');
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

export const descriptors: readonly AbiFunction[] = [
  declare({
    name: 'fd_write',
    doc: `Writes to standard output or standard error, at most ${CALL_BOUNDS.movedBytes} bytes from at most ${CALL_BOUNDS.vectors} vectors.`,
    params: [fd, iovs, iovsLength, place('nwritten')],
    result: status,
    errors: [],
    blocks: true,
    body: (process, fd, base, count, total) => errno(() => write(process, fd, base, count, total)),
  }),
  declare({
    name: 'fd_read',
    doc: `Reads from standard input, and waits until data is available; 0 bytes mean the end. At most ${CALL_BOUNDS.movedBytes} bytes.`,
    params: [fd, iovs, iovsLength, place('nread')],
    result: status,
    errors: [],
    blocks: true,
    body: (process, fd, base, count, total) => errno(() => read(process, fd, base, count, total)),
  }),
  declare({
    name: 'fd_close',
    doc: 'Closes a descriptor: later calls with it return `badf`.',
    params: [fd],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd) => (process.files.close(fd) ? ERRNO.success : ERRNO.badf),
  }),
  declare({
    name: 'fd_renumber',
    doc: 'Closes the descriptor `to`, and gives its number to `fd`.',
    params: [fd, u32('to', 'a descriptor that is open')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, from, to) => (process.files.renumber(from, to) ? ERRNO.success : ERRNO.badf),
  }),
  declare({
    name: 'fd_fdstat_get',
    doc: 'Returns the rights of a descriptor: reading or writing.',
    params: [fd, place('stat')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, stat) =>
      errno(() => {
        const { kind } = opened(process, fd);
        const view = dataAt(process, stat, 24);
        // Unknown type, no flags; then the base and inheriting rights.
        view.setBigUint64(0, 0n, true);
        view.setBigUint64(8, kind === 'input' ? MAY_READ : MAY_WRITE, true);
        view.setBigUint64(16, 0n, true);
      }),
  }),
  declare({
    name: 'fd_fdstat_set_flags',
    doc: 'Accepts flags and ignores them.',
    params: [fd, u32('flags', 'ignored')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd) => errno(() => void opened(process, fd)),
  }),
  declare({
    name: 'fd_filestat_get',
    doc: 'Returns the attributes of a standard descriptor: not a file, and size 0.',
    params: [fd, place('stat')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, stat) =>
      errno(() => {
        opened(process, fd);
        process.memory.view(stat, 64).fill(0);
      }),
  }),
];
