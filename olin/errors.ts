/** The ABI's error codes, and the errors that are converted to them (specification: errors.md). */
import { MAX_MESSAGE, shorten } from './shorten.ts';

/** Return values of failed system calls. This is the only list of these numbers. */
export const ERRORS = {
  UnknownError: { code: -1, doc: 'Any other error. The log has the reason.' },
  InvalidArgument: { code: -2, doc: 'An argument is not valid. Nothing was changed.' },
  PermissionDenied: { code: -3, doc: 'The security policy does not allow the operation.' },
  NotFound: { code: -4, doc: 'The requested resource does not exist.' },
  EndOfFile: { code: -5, doc: 'The resource has no more data to read.' },
} as const;

export type ErrorName = keyof typeof ERRORS;

/** Thrown by the body of a system call; the wrapper returns its negative code to the guest. */
export class CallError extends Error {
  readonly error: ErrorName;
  constructor(error: ErrorName, message: string) {
    super(shorten(message, MAX_MESSAGE));
    this.name = 'CallError';
    this.error = error;
  }
  get code(): number {
    return ERRORS[this.error].code;
  }
}

/** Categories of invalid user input. */
export type InputErrorCode =
  | 'not-wasm'
  | 'malformed-module'
  | 'no-start'
  | 'unknown-import'
  | 'bad-import-type'
  | 'too-large'
  | 'bad-policy'
  | 'unsupported-feature'
  | 'initialization'
  | 'bad-request';

/** Invalid user input. The message is a sentence: what was wrong, where, and what to do. */
export class InputError extends Error {
  readonly code: InputErrorCode;
  /** 1-based, if the input is text. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  constructor(code: InputErrorCode, message: string, at?: { line: number; column: number }) {
    super(shorten(message, MAX_MESSAGE));
    this.name = 'InputError';
    this.code = code;
    this.line = at?.line;
    this.column = at?.column;
  }
}
