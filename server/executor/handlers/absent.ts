/**
 * The problem for a missing handler, and for a private one if the caller is not its owner: the two must be
 * indistinguishable.
 */
import { ProblemError } from '../../problems/problems.ts';

export function absentHandler(): ProblemError {
  return new ProblemError(
    'no-such-handler',
    'There is no handler with this name, or it is private: its owner sends Authorization: Bearer TOKEN. Handlers respond at /run/NAME/.',
  );
}

export function isAbsent(error: unknown): boolean {
  return error instanceof ProblemError && error.code === 'no-such-handler';
}
