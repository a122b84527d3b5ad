/** What a button or a form sets off: whether it is under way, and what went wrong. */
import { useState } from 'preact/hooks';
import { ApiError, isAbort } from '../../../client/index.ts';
import { asError } from '../resource.tsx';

export interface Action<Arguments extends readonly unknown[]> {
  readonly isBusy: boolean;
  /** Of the last attempt; one that was stopped has none. */
  readonly error: Error | undefined;
  /** Does it; never rejects. */
  readonly run: (...args: Arguments) => void;
  /** Forgets the error. */
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

/** What the API said of one field, as a sentence. @param field as `body/name` */
export function fieldError(error: Error | undefined, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const wrong = error.problem.errors?.find((each) => each.field === field);
  return wrong === undefined ? undefined : `It is ${wrong.found}; it must be ${wrong.allowed}.`;
}

/** An error that no field of the form shows. @param fields those that the form has */
export function restOfError(
  error: Error | undefined,
  fields: readonly string[],
): Error | undefined {
  if (error === undefined) return undefined;
  const said = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  const isShown = said.length > 0 && said.every(({ field }) => fields.includes(field));
  return isShown ? undefined : error;
}
