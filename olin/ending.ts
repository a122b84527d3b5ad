/** How a run ends early: what is thrown through the guest, and what is told of it afterwards. */
import { readBacktrace } from './backtrace.ts';
import type { Trap, TrapCode } from './types.ts';

/** Thrown by a system call to end the guest. It is not an error of the host. */
export class GuestEnd extends Error {}

/** For runtime_exit, which needs no backtrace: one value for all, since making an error with a stack is slow. */
export const EXIT = new GuestEnd('The guest called runtime_exit.');

/** A stop by the host; made where it happens, so that its stack is the guest's. */
export class GuestStop extends GuestEnd {
  readonly code: TrapCode;
  readonly limit: number | undefined;
  readonly used: number | undefined;

  constructor(code: TrapCode, message: string, amounts?: { limit: number; used: number }) {
    super(message);
    this.name = 'GuestStop';
    this.code = code;
    this.limit = amounts?.limit;
    this.used = amounts?.used;
  }

  /** The same stop, seen from the guest's stack, where this one was made outside of it. */
  here(): GuestStop {
    if (readBacktrace(this.stack).length > 0) return this;
    const amounts =
      this.limit === undefined || this.used === undefined
        ? undefined
        : { limit: this.limit, used: this.used };
    return new GuestStop(this.code, this.message, amounts);
  }
}

/** The engines' words for a trap, and what they mean to the author of the guest. */
const TRAPS: readonly (readonly [RegExp, string])[] = [
  [
    /unreachable/,
    'it executed "unreachable", which is what a panic, an abort or a failed assertion compiles to; the log may say more',
  ],
  [
    /memory access out of bounds|index out of bounds/,
    'it read or wrote outside its memory; look for a bad pointer or an index past the end',
  ],
  [/divide by zero|integer divide/, 'it divided an integer by zero'],
  [/remainder by zero/, 'it took the remainder of a division by zero'],
  [/divide result unrepresentable|integer overflow/, 'an integer division overflowed'],
  [
    /float unrepresentable|invalid conversion to integer/,
    'it converted a float to an integer that cannot hold it',
  ],
  // Some engines tell the two apart, some do not: one text for all.
  [
    /signature mismatch|null function|indirect call to null/,
    'it called a function pointer that is null or of another type',
  ],
  [
    /table index is out of bounds|undefined element/,
    'it called a function pointer that is not in the table',
  ],
  [/null reference|dereferencing a null/, 'it used a null reference'],
];

/** Tells what came out of a guest that neither returned nor exited. */
export function tellTrap(error: unknown): Trap {
  if (error instanceof GuestStop) {
    const { code, message, limit, used } = error;
    const amounts = limit === undefined || used === undefined ? {} : { limit, used };
    return { code, message, backtrace: readBacktrace(error.stack), ...amounts };
  }
  // Not a RangeError in Firefox: an InternalError, "too much recursion".
  if (error instanceof Error && /call stack|too much recursion/i.test(error.message)) {
    return trap('the call stack is full; look for a recursion without an end', error.stack);
  }
  if (error instanceof WebAssembly.RuntimeError) {
    const known = TRAPS.find(([pattern]) => pattern.test(error.message));
    return trap(known?.[1] ?? error.message, error.stack);
  }
  if (error instanceof WebAssembly.Exception) {
    return trap('it threw an exception that it did not catch', error.stack);
  }
  return {
    code: 'host',
    message: 'The runtime failed while it ran the guest. This is our mistake, not yours.',
    backtrace: readBacktrace(error instanceof Error ? error.stack : undefined),
  };
}

function trap(reason: string, stack: string | undefined): Trap {
  const backtrace = readBacktrace(stack);
  const inner = backtrace[0]?.replace(/ \(wasm-function.*/, '');
  const where = inner === undefined ? '' : ` in ${inner}`;
  return { code: 'trap', message: `The guest trapped${where}: ${reason}.`, backtrace };
}
