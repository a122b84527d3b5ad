/** What has to be loaded: one hook, and one look for loading, empty and failed. */
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../client/index.ts';
import { Button } from './controls/button.tsx';
import { SkeletonLines } from './skeleton.tsx';
import './resource.css';

export interface Loading<T> {
  /** What came last; undefined before the first answer. */
  readonly value: T | undefined;
  /** Of the last attempt; undefined where it went well or is under way. */
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  /** Asks again; what is there stays until the answer is. */
  readonly reload: () => void;
  /** The same, unseen: what is there stays as it looks, and a failure is not told. */
  readonly refresh: () => void;
  /** Puts what an action gave back in place of it, without asking. */
  readonly replace: (value: T) => void;
}

/**
 * Loads now, and again when one of `needs` changes. What is asked for no more is aborted.
 * @param needs what the address of the request depends on, as texts or numbers
 */
export function useResource<T>(
  load: (signal: AbortSignal) => Promise<T>,
  needs: readonly (string | number | boolean | undefined)[] = [],
): Loading<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<Error>();
  const [isLoading, setLoading] = useState(true);
  const [round, setRound] = useState({ number: 0, isQuiet: false });
  const seen = useRef(0);
  useEffect(() => {
    const ending = new AbortController();
    const isAgain = round.number !== seen.current;
    seen.current = round.number;
    const isQuiet = isAgain && round.isQuiet && value !== undefined;
    if (!isQuiet) {
      setLoading(true);
      setError(undefined);
    }
    load(ending.signal)
      .then(
        (loaded) => ending.signal.aborted || setValue(() => loaded),
        (problem: unknown) => ending.signal.aborted || isQuiet || setError(asError(problem)),
      )
      .finally(() => ending.signal.aborted || setLoading(false));
    return () => ending.abort();
  }, [round.number, ...needs]);
  const again = (isQuiet: boolean) => () =>
    setRound(({ number }) => ({ number: number + 1, isQuiet }));
  const reload = useCallback(again(false), []);
  const refresh = useCallback(again(true), []);
  const replace = useCallback((fresh: T) => setValue(() => fresh), []);
  return { value, error, isLoading, reload, refresh, replace };
}

export function asError(problem: unknown): Error {
  return problem instanceof Error ? problem : new Error(String(problem));
}

export interface ResourceProps<T> {
  readonly of: Loading<T>;
  /** Whether there is nothing to show; then `empty` is drawn. */
  readonly isEmpty?: (value: T) => boolean;
  readonly empty?: ComponentChildren;
  /** Lines of the shape that is shown while nothing is there. */
  readonly lines?: number;
  readonly children: (value: T) => ComponentChildren;
}

export function Resource<T>({ of, isEmpty, empty, lines, children }: ResourceProps<T>) {
  const { value, error, isLoading, reload } = of;
  if (error !== undefined) return <Problem error={error} onRetry={reload} />;
  if (value === undefined) return <SkeletonLines {...(lines === undefined ? {} : { lines })} />;
  return (
    <div class={isLoading ? 'resource is-stale' : 'resource'} aria-busy={isLoading}>
      {isEmpty?.(value) === true ? empty : children(value)}
    </div>
  );
}

export interface ProblemProps {
  readonly error: Error;
  readonly onRetry?: () => void;
}

/** What went wrong, in the sentence that came with it. */
export function Problem({ error, onRetry }: ProblemProps) {
  const requestId = error instanceof ApiError ? error.problem.requestId : undefined;
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{error instanceof ApiError ? error.problem.title : 'That did not work'}</strong>
      </p>
      <p>{error.message}</p>
      {requestId === undefined || requestId === '' ? null : (
        <p class="problem-id">
          Request <code>{requestId}</code>
        </p>
      )}
      {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
