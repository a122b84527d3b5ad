/** Error numbers of WASI preview 1, and the conversion of errors to them. */
import { CallError } from '../../errors.ts';
import { FileError, type FileErrorCode } from '../../files/file-error.ts';

export const ERRNO = {
  success: 0,
  badf: 8,
  busy: 10,
  exist: 20,
  fault: 21,
  fbig: 22,
  ilseq: 25,
  inval: 28,
  io: 29,
  isdir: 31,
  loop: 32,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  nospc: 51,
  nosys: 52,
  notdir: 54,
  notempty: 55,
  notsock: 57,
  notsup: 58,
  perm: 63,
  rofs: 69,
  spipe: 70,
  xdev: 75,
} as const satisfies Readonly<Record<FileErrorCode, number>> & Record<string, number>;

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
  if (error instanceof FileError) return ERRNO[error.code];
  if (!(error instanceof CallError)) throw error;
  return error.error === 'InvalidArgument' ? ERRNO.fault : ERRNO.io;
}
