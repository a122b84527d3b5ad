/** Error numbers of WASI preview 1, and the conversion of errors to them. */
import { CallError } from '../../errors.ts';

export const ERRNO = {
  success: 0,
  badf: 8,
  fault: 21,
  inval: 28,
  io: 29,
  nosys: 52,
  notsock: 57,
  notsup: 58,
  spipe: 70,
} as const;

/** Performs a call, and converts a CallError to the WASI error number. */
export function errno(call: () => void | Promise<void>): number | Promise<number> {
  try {
    const done = call();
    return done instanceof Promise ? done.then(() => ERRNO.success, number) : ERRNO.success;
  } catch (error) {
    return number(error);
  }
}

/** Thrown by a body to return a specific error number. */
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
