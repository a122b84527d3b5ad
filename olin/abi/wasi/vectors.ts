/** Scatter and gather: lists of ranges of guest memory, which one call reads or writes. */
import { CALL_BOUNDS, gasFor } from '../../run/call-cost.ts';
import type { Process } from '../../run/process.ts';
import { ERRNO, WasiError } from './errno.ts';
import { dataAt, u32 } from './wire.ts';

/** Size of a vector: an address and a length. */
const VECTOR_BYTES = 8;

export const iovs = u32('iovs', 'the address of a list of addresses and lengths');
export const iovsLength = u32('iovs_len', 'how many there are');

export interface Vector {
  readonly base: number;
  readonly length: number;
}

/**
 * Reads the non-empty vectors, before anything waits, up to what one call moves. Throws InvalidArgument if one is outside
 * the memory, and `inval` if there are too many.
 */
export function readVectors(process: Process, base: number, count: number): Vector[] {
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

/** Charges for moving the bytes of the vectors. */
export function chargeMoved(process: Process, list: readonly Vector[]): void {
  process.charge(
    gasFor(
      'moved',
      list.reduce((sum, { length }) => sum + length, 0),
    ),
  );
}
