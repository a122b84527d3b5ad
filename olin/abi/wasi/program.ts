/** Arguments, environment, clocks, random numbers and exit. */
import { gasFor } from '../../run/call-cost.ts';
import { inPieces } from '../../run/pieces.ts';
import type { Process } from '../../run/process.ts';
import { declare, type AbiFunction } from '../declare.ts';
import { errno, ERRNO, WasiError } from './errno.ts';
import { dataAt, place, status, u32, writeU32 } from './wire.ts';

const encoder = new TextEncoder();
const ZERO = 1;

/** The strings of `args_get` and `environ_get`, and their total size, including the zero byte after each. */
interface Strings {
  readonly list: readonly Uint8Array[];
  readonly bytes: number;
}

/** Encodes the strings of a run only once. */
function encodedOnce(
  texts: (process: Process) => readonly string[],
): (process: Process) => Strings {
  const known = new WeakMap<Process, Strings>();
  return (process) => {
    let strings = known.get(process);
    if (strings === undefined) {
      const list = texts(process).map((text) => encoder.encode(text));
      strings = { list, bytes: list.reduce((sum, { length }) => sum + length + ZERO, 0) };
      known.set(process, strings);
    }
    return strings;
  };
}

const args = encodedOnce((process) => process.args);

const environment = encodedOnce((process) =>
  process.variableNames().map((name) => `${name}=${process.variable(name) ?? ''}`),
);

/** Writes the strings to `area` and their addresses to `table`, as for `argv` in C. */
function writeStrings(process: Process, table: number, area: number, { list, bytes }: Strings) {
  process.charge(gasFor('item', list.length) + gasFor('moved', bytes));
  const pointers = dataAt(process, table, list.length * 4);
  const into = process.memory.view(area, bytes);
  let at = 0;
  for (const [i, each] of list.entries()) {
    into.set(each, at);
    into[at + each.length] = 0;
    pointers.setUint32(i * 4, (area >>> 0) + at, true);
    at += each.length + ZERO;
  }
}

function writeSizes(process: Process, count: number, size: number, { list, bytes }: Strings) {
  process.charge(gasFor('item', list.length) + gasFor('moved', bytes));
  writeU32(process, count, list.length);
  writeU32(process, size, bytes);
}

/** Returns nanoseconds. WASI's clocks are 0 (wall clock), 1 (monotonic), and two for processor time. */
export function readClock(process: Process, id: number): bigint {
  if (id === 0) return process.timestamp();
  if (id > 3) throw new WasiError(ERRNO.inval);
  return BigInt(Math.floor(process.elapsedMs * 1000)) * 1000n;
}

const clock = u32('id', '0 the wall, 1 monotonic');

export const program: readonly AbiFunction[] = [
  declare({
    name: 'args_sizes_get',
    doc: 'Returns the number of arguments and their size in bytes.',
    params: [place('argc'), place('argv_buf_size')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, count, size) => errno(() => writeSizes(process, count, size, args(process))),
  }),
  declare({
    name: 'args_get',
    doc: 'Writes the arguments.',
    params: [place('argv'), place('argv_buf')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, table, area) => errno(() => writeStrings(process, table, area, args(process))),
  }),
  declare({
    name: 'environ_sizes_get',
    doc: 'Returns the number of environment variables and their size in bytes.',
    params: [place('count'), place('size')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, count, size) =>
      errno(() => writeSizes(process, count, size, environment(process))),
  }),
  declare({
    name: 'environ_get',
    doc: 'Writes the environment, each variable as `NAME=value`.',
    params: [place('environ'), place('environ_buf')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, table, area) =>
      errno(() => writeStrings(process, table, area, environment(process))),
  }),
  declare({
    name: 'clock_time_get',
    doc: 'Returns the time of a clock in nanoseconds.',
    params: [
      clock,
      { name: 'precision', type: 'u64', doc: 'the wanted precision; ignored' },
      place('time'),
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, id, _precision, time) =>
      errno(() => dataAt(process, time, 8).setBigUint64(0, readClock(process, id), true)),
  }),
  declare({
    name: 'clock_res_get',
    doc: 'Returns the resolution of a clock in nanoseconds.',
    params: [clock, place('resolution')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, id, resolution) =>
      errno(() => {
        if (id > 3) throw new WasiError(ERRNO.inval);
        dataAt(process, resolution, 8).setBigUint64(0, 1000n, true);
      }),
  }),
  declare({
    name: 'random_get',
    doc: 'Fills the buffer with random bytes from a cryptographically secure source.',
    params: [place('buf'), u32('buf_len', 'its length in bytes')],
    result: status,
    errors: [],
    blocks: true,
    body: (process, base, length) =>
      errno(() => {
        process.memory.check(base, length);
        return inPieces(process, length, 'random', (at, size) => {
          const bytes = new Uint8Array(process.randomBytes(size).buffer);
          process.memory.view(base + at, size).set(bytes);
        });
      }),
  }),
  declare({
    name: 'proc_exit',
    doc: 'Ends the guest immediately with an exit status.',
    params: [u32('rval', '0 is success')],
    errors: [],
    blocks: false,
    body: (process, value) => process.exit(value | 0),
  }),
  declare({
    name: 'proc_raise',
    doc: 'Returns the error number `nosys`: there are no signals.',
    params: [u32('sig', 'the signal')],
    result: status,
    errors: [],
    blocks: false,
    body: () => ERRNO.nosys,
  }),
  declare({
    name: 'sched_yield',
    doc: 'Does nothing: a guest has one thread.',
    params: [],
    result: status,
    errors: [],
    blocks: false,
    body: () => ERRNO.success,
  }),
];
