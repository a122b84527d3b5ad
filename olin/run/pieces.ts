/** Splits the work of a long system call, so that other guests get their turns in between. */
import { CALL_BOUNDS, gasFor, type CALL_RATES } from './call-cost.ts';
import { CallError } from '../errors.ts';
import type { Process } from './process.ts';

/**
 * Processes `total` bytes in pieces, and charges each piece before it is processed. The guest's memory does not change
 * meanwhile, but a view of it is valid for one piece only. Throws UnknownError if more than one piece is needed and the
 * guest cannot be suspended.
 */
export function inPieces(
  process: Process,
  total: number,
  rate: keyof typeof CALL_RATES,
  work: (at: number, size: number) => void,
): void | Promise<void> {
  const piece = CALL_BOUNDS.movedBytes;
  if (total > piece && !process.platform.canSuspend) {
    throw new CallError(
      'UnknownError',
      `${total} bytes exceed the ${piece} that one call can process if guests cannot be suspended`,
    );
  }
  for (let at = 0; at < total; at += piece) {
    const size = Math.min(piece, total - at);
    process.charge(gasFor(rate, size));
    work(at, size);
    const turn = process.dueTurn();
    if (turn !== undefined) {
      const done = at + size;
      return turn.then(() =>
        inPieces(process, total - done, rate, (next, length) => work(done + next, length)),
      );
    }
  }
}
