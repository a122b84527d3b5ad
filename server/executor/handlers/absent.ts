/** What is said of a handler that is not there, and of a private one to whoever is not its owner: the same. */
import { ProblemError } from '../../problems/problems.ts';

export function absentHandler(): ProblemError {
  return new ProblemError(
    'no-such-handler',
    'There is no handler of that name here, or it is private: its owner sends Authorization: Bearer TOKEN. Handlers answer at /run/NAME/.',
  );
}
