/** Error numbers of WASI preview 1, and how a call of ours comes to one. */
import { CallError } from '../../errors.ts';

export const ERRNO = {
  success: 0,
  badf: 8,
  fault: 21,
  inval: 28,
  io: 29,
  nosys: 52,
  notsup: 58,
  spipe: 70,
} as const;

/** Does the call; a refusal of the runtime becomes the number that WASI has for it. */
export function errno(call: () => void | Promise<void>): number | Promise<number> {
  try {
    const done = call();
    return done instanceof Promise ? done.then(() => ERRNO.success, number) : ERRNO.success;
  } catch (error) {
    return number(error);
  }
}

/** Thrown by a body for a number of its own. */
export class WasiError extends Error {
  readonly errno: number;

  constructor(number: number) {
    super(`errno ${number}`);
    this.name = 'WasiError';
    this.errno = number;
  }
}

function number(error: unknown): number {
  if (error instanceof WasiError) return error.errno;
  if (!(error instanceof CallError)) throw error;
  return error.error === 'InvalidArgument' ? ERRNO.fault : ERRNO.io;
}
