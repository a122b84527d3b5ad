/** State of the action that a button or form starts: whether it is running, and its error. */
import { useState } from 'preact/hooks';
import { ApiError, isAbort } from '../../../client/index.ts';
import { asError } from '../resource.tsx';

export interface Action<Arguments extends readonly unknown[]> {
  readonly isBusy: boolean;
  /** Error of the last attempt; undefined if it was aborted. */
  readonly error: Error | undefined;
  /** Starts the action unless it is running. */
  readonly run: (...args: Arguments) => void;
  /** Clears the error. */
  readonly reset: () => void;
}

export function useAction<Arguments extends readonly unknown[]>(
  work: (...args: Arguments) => Promise<void>,
): Action<Arguments> {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const run = (...args: Arguments): void => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    work(...args)
      .catch((problem: unknown) => isAbort(problem) || setError(asError(problem)))
      .finally(() => setBusy(false));
  };
  return { isBusy, error, run, reset: () => setError(undefined) };
}

/** Returns the API's error for one field as a sentence. @param field such as `body/name` */
export function fieldError(error: Error | undefined, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const wrong = error.problem.errors?.find((each) => each.field === field);
  return wrong === undefined ? undefined : `It is ${wrong.found}; it must be ${wrong.allowed}.`;
}

/** Returns the error unless the form's fields show all of it. @param fields the fields of the form */
export function restOfError(
  error: Error | undefined,
  fields: readonly string[],
): Error | undefined {
  if (error === undefined) return undefined;
  const fieldErrors = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  const isShown =
    fieldErrors.length > 0 && fieldErrors.every(({ field }) => fields.includes(field));
  return isShown ? undefined : error;
}
