/** What a program knows of itself and its surroundings. */
import type { Process } from '../../process.ts';
import { declare, type AbiFunction } from '../declare.ts';
import { errno, ERRNO, WasiError } from './errno.ts';
import { dataAt, place, status, u32, writeU32 } from './wire.ts';

const PIECE = 65_536;
const encoder = new TextEncoder();

/** The strings of `args_get` and `environ_get`, each ended by a zero byte. */
function strings(list: readonly string[]): Uint8Array[] {
  return list.map((text) => encoder.encode(`${text}\0`));
}

function environment(process: Process): string[] {
  return process.variableNames().map((name) => `${name}=${process.variable(name) ?? ''}`);
}

/** The addresses of the strings to `table`, the strings themselves to `area`, as C programs are started. */
function writeStrings(process: Process, table: number, area: number, list: readonly string[]) {
  let at = area >>> 0;
  const all = strings(list);
  const pointers = dataAt(process, table, all.length * 4);
  for (const [i, bytes] of all.entries()) {
    process.memory.view(at, bytes.length).set(bytes);
    pointers.setUint32(i * 4, at, true);
    at += bytes.length;
  }
}

function writeSizes(process: Process, count: number, size: number, list: readonly string[]) {
  writeU32(process, count, list.length);
  writeU32(
    process,
    size,
    strings(list).reduce((sum, { length }) => sum + length, 0),
  );
}

/** Nanoseconds; WASI's clocks are 0 (the wall), 1 (monotonic) and two of processor time. */
export function readClock(process: Process, id: number): bigint {
  if (id === 0) return BigInt(Math.floor(process.platform.now() * 1000)) * 1000n;
  if (id > 3) throw new WasiError(ERRNO.inval);
  return BigInt(Math.floor(process.elapsedMs * 1000)) * 1000n;
}

const clock = u32('id', '0 the wall, 1 monotonic');

export const program: readonly AbiFunction[] = [
  declare({
    name: 'args_sizes_get',
    doc: 'Tells how many arguments there are, and how many bytes they take.',
    params: [place('argc'), place('argv_buf_size')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, count, size) => errno(() => writeSizes(process, count, size, process.args)),
  }),
  declare({
    name: 'args_get',
    doc: 'Writes the arguments.',
    params: [place('argv'), place('argv_buf')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, table, area) => errno(() => writeStrings(process, table, area, process.args)),
  }),
  declare({
    name: 'environ_sizes_get',
    doc: 'Tells how many environment variables there are, and how many bytes they take.',
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
    doc: 'Tells the time of a clock in nanoseconds.',
    params: [
      clock,
      { name: 'precision', type: 'u64', doc: 'how exact it should be; not looked at' },
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
    doc: 'Tells the resolution of a clock in nanoseconds.',
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
    doc: 'Fills the buffer with random bytes, from the cryptographic source of the place.',
    params: [place('buf'), u32('buf_len', 'its length in bytes')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, base, length) =>
      errno(() => {
        const bytes = process.memory.view(base, length);
        // In pieces: the host need not hold as much as a guest may ask for.
        for (let at = 0; at < bytes.length; at += PIECE) {
          const piece = process.randomBytes(Math.min(PIECE, bytes.length - at));
          bytes.set(new Uint8Array(piece.buffer), at);
        }
      }),
  }),
  declare({
    name: 'proc_exit',
    doc: 'Ends the guest at once with the exit status.',
    params: [u32('rval', '0 is success')],
    errors: [],
    blocks: false,
    body: (process, value) => process.exit(value | 0),
  }),
  declare({
    name: 'proc_raise',
    doc: 'Sends a signal to the guest itself, which there are none of.',
    params: [u32('sig', 'the signal')],
    result: status,
    errors: [],
    blocks: false,
    body: () => ERRNO.nosys,
  }),
  declare({
    name: 'sched_yield',
    doc: 'Lets other threads run, which there are none of.',
    params: [],
    result: status,
    errors: [],
    blocks: false,
    body: () => ERRNO.success,
  }),
];
