/** Long work of one system call, cut so that others have their turns in between. */
import { CALL_BOUNDS, gasFor, type CALL_RATES } from './call-cost.ts';
import { CallError } from '../errors.ts';
import type { Process } from './process.ts';

/**
 * Does work of `total` bytes in pieces: each is charged by the rate before it is done. The guest's memory stays as it is
 * meanwhile, but a view of it is good for one piece only. Throws an UnknownError if there is more than one piece and the
 * guest cannot be suspended between them.
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
      `${total} bytes are more than the ${piece} that one call does where guests cannot be suspended`,
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
