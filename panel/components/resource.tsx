/** Loads data for a page: a hook, and a component for the states loading, empty and failed. */
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../client/index.ts';
import { Button } from './controls/button.tsx';
import { SkeletonLines } from './skeleton.tsx';
import './resource.css';

export interface Loading<T> {
  /** Last value loaded; undefined before the first response. */
  readonly value: T | undefined;
  /** Error of the last attempt; undefined if it succeeded or is in progress. */
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  /** Loads again, keeping the current value until the response arrives. */
  readonly reload: () => void;
  /** Like `reload`, but without showing that it loads, and without reporting a failure. */
  readonly refresh: () => void;
  /** Replaces the value with the result of an action, without loading. */
  readonly replace: (value: T) => void;
}

/**
 * Loads immediately and whenever one of `needs` changes. Outdated requests are aborted.
 * @param needs the values that the request depends on
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
  /** If it returns true, `empty` is rendered. */
  readonly isEmpty?: (value: T) => boolean;
  readonly empty?: ComponentChildren;
  /** Number of skeleton lines shown until the first value is loaded. */
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

/** Shows an error with its message. */
export function Problem({ error, onRetry }: ProblemProps) {
  const requestId = error instanceof ApiError ? error.problem.requestId : undefined;
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{error instanceof ApiError ? error.problem.title : 'Something went wrong'}</strong>
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
