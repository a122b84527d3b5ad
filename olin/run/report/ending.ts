/** Early ends of a run: the errors thrown through the guest, and their description in the result. */
import { readBacktrace } from './backtrace.ts';
import { describeLimit, type LimitCode } from '../../limits.ts';
import { MAX_MESSAGE, shorten } from '../../shorten.ts';
import type { StopReason, StopCode } from '../../types.ts';
import type { MeterPlan } from '../../wasm/index.ts';

/** Thrown by a system call to end the guest. It is not an error of the host. */
export class GuestEnd extends Error {}

/**
 * For `runtime_exit` and `proc_exit`, which need no backtrace. One shared value, because creating an error with a stack
 * is slow.
 */
export const EXIT = new GuestEnd('The guest exited.');

/** A stop by the host. Create it where it happens, so that its stack is the guest's. */
export class GuestStop extends GuestEnd {
  readonly code: StopCode;
  readonly limit: number | undefined;
  readonly used: number | undefined;

  constructor(code: StopCode, message: string, amounts?: { limit: number; used: number }) {
    super(shorten(message, MAX_MESSAGE));
    this.name = 'GuestStop';
    this.code = code;
    this.limit = amounts?.limit;
    this.used = amounts?.used;
  }
}

/** Creates the stop for an exceeded limit. */
export function limitStop(
  code: LimitCode,
  limit: number,
  used: number,
  remedy?: string,
): GuestStop {
  return new GuestStop(code, describeLimit(code, limit, used, remedy), { limit, used });
}

/** The engines' trap messages, and their meaning for the guest's author. */
const TRAPS: readonly (readonly [RegExp, string])[] = [
  [
    /unreachable/i,
    'it executed "unreachable", which is what a panic, an abort or a failed assertion compiles to; the log may say more',
  ],
  [
    /table index (is )?out of bounds|undefined element|out of bounds (call_indirect|table)/i,
    'it called a function pointer that is not in the table',
  ],
  // Not all engines distinguish the two, so there is one text.
  [
    /signature (mismatch|that does not match)|null function|indirect call to null|null table entry/,
    'it called a function pointer that is null or of another type',
  ],
  [
    /float unrepresentable|invalid conversion to integer|out of bounds trunc/i,
    'it converted a float to an integer that cannot hold it',
  ],
  [
    /memory access out of bounds|index out of bounds|out of bounds memory/i,
    'it read or wrote outside its memory; look for a bad pointer or an index past the end',
  ],
  [/(divide|division) by zero/i, 'it divided an integer by zero'],
  [/remainder by zero/, 'it took the remainder of a division by zero'],
  [/divide result unrepresentable|integer overflow/i, 'an integer division overflowed'],
  [/null reference|dereferencing a null/, 'it used a null reference'],
];

/**
 * Describes why a guest neither returned nor exited. `error` is the reason; `thrown` is what the guest threw, whose
 * stack shows where it was if it was stopped from outside.
 */
export function describeStop(error: unknown, thrown: unknown, plan: MeterPlan): StopReason {
  const backtrace =
    [error, thrown]
      .map((each) => readBacktrace(each instanceof Error ? each.stack : undefined, plan))
      .find((frames) => frames.length > 0) ?? [];
  if (error instanceof GuestStop) {
    const { code, message, limit, used } = error;
    const amounts = limit === undefined || used === undefined ? {} : { limit, used };
    return { code, message, backtrace, ...amounts };
  }
  const reason = findReason(error);
  if (reason === undefined) {
    const message =
      'The runtime failed while it ran the guest. This is a bug in the runtime, not in the guest.';
    return { code: 'host', message, backtrace };
  }
  const inner = backtrace[0]?.replace(/ \(wasm-function.*/, '');
  const where = inner === undefined ? '' : ` in ${inner}`;
  return { code: 'trap', message: `The guest trapped${where}: ${reason}.`, backtrace };
}

/** Describes a trap of the guest; undefined for any other error. */
function findReason(error: unknown): string | undefined {
  // Not a RangeError in Firefox: an InternalError, "too much recursion".
  if (error instanceof Error && /call stack|too much recursion/i.test(error.message)) {
    return 'the call stack is full; look for infinite recursion';
  }
  if (error instanceof WebAssembly.RuntimeError) {
    return (
      TRAPS.find(([pattern]) => pattern.test(error.message))?.[1] ??
      shorten(error.message, MAX_MESSAGE)
    );
  }
  if (error instanceof WebAssembly.Exception) return 'it threw an exception that it did not catch';
  return undefined;
}
