/** Times of files, as the WASI functions take them. */
import type { NewTimes } from '../../files/operations.ts';
import type { Process } from '../../run/process.ts';
import { ERRNO, WasiError } from './errno.ts';
import { u32 } from './wire.ts';

const ATIM = 1;
const ATIM_NOW = 2;
const MTIM = 4;
const MTIM_NOW = 8;
/** All flags. */
export const FSTFLAGS = 15;

export const atim = { name: 'atim', type: 'u64', doc: 'nanoseconds since 1970' } as const;
export const mtim = { name: 'mtim', type: 'u64', doc: 'nanoseconds since 1970' } as const;
export const fstflags = u32('fst_flags', '1 sets atim, 2 to now; 4 sets mtim, 8 to now');

/** Throws `inval` if a time is to be set both to a value and to now. */
export function readTimes(
  process: Process,
  accessed: bigint,
  modified: bigint,
  flags: number,
): NewTimes {
  const choose = (time: bigint, set: number, now: number): bigint | undefined => {
    if ((flags & set) !== 0 && (flags & now) !== 0) throw new WasiError(ERRNO.inval);
    if ((flags & set) !== 0) return time;
    return (flags & now) === 0 ? undefined : process.timestamp();
  };
  const [first, second] = [choose(accessed, ATIM, ATIM_NOW), choose(modified, MTIM, MTIM_NOW)];
  return {
    ...(first === undefined ? {} : { accessed: first }),
    ...(second === undefined ? {} : { modified: second }),
  };
}
