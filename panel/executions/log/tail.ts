/** Follows a handler's executions and loads the log of each. */
import { useEffect, useReducer, useState } from 'preact/hooks';
import {
  followExecutions,
  type ApiExecution,
  type ApiExecutionStatus,
} from '../../../client/index.ts';
import { ORIGIN } from '../../api.ts';
import { asError } from '../../components/resource.tsx';
import type { HttpClass } from '../status-badge.tsx';
import { queueLogs, type Log } from './tail-logs.ts';

export interface TailEntry {
  readonly execution: ApiExecution;
  /** Undefined until it is loaded, and if it is skipped. */
  readonly log: Log | undefined;
}

export type TailState = 'connecting' | 'open' | 'waiting' | 'failed';

export interface LogTailState {
  /** The latest entries, oldest first. */
  readonly entries: readonly TailEntry[];
  readonly state: TailState;
  readonly error: Error | undefined;
  readonly clear: () => void;
}

export interface TailParameters {
  readonly handler: string;
  /** If empty, executions of any status. */
  readonly status: ApiExecutionStatus | '';
  /** Class of the HTTP status; if empty, any. */
  readonly http: HttpClass | '';
  /** Text that the log contains; if empty, all executions. */
  readonly text: string;
}

const MAX_ENTRIES = 300;

type Change =
  | { readonly execution: ApiExecution }
  | { readonly id: string; readonly log: Log }
  | 'clear';

export function useTail({ handler, status, http, text }: TailParameters): LogTailState {
  const [entries, dispatch] = useReducer(change, []);
  const [state, setState] = useState<TailState>('connecting');
  const [error, setError] = useState<Error>();
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const filter = {
      handler,
      ...(status === '' ? {} : { status }),
      ...(http === '' ? {} : { http }),
      ...(text === '' ? {} : { text }),
    };
    const onState = (now: 'open' | 'waiting'): void => void (signal.aborted || setState(now));
    const readLog = queueLogs(signal, (id, log) => dispatch({ id, log }));
    const follow = async (): Promise<void> => {
      for await (const execution of followExecutions({ origin: ORIGIN, filter, signal, onState })) {
        dispatch({ execution });
        readLog(execution.id);
      }
    };
    setState('connecting');
    setError(undefined);
    follow().catch((problem: unknown) => {
      if (signal.aborted) return;
      setState('failed');
      setError(asError(problem));
    });
    return () => ending.abort();
  }, [handler, status, http, text]);
  return { entries, state, error, clear: () => dispatch('clear') };
}

function change(entries: readonly TailEntry[], what: Change): readonly TailEntry[] {
  if (what === 'clear') return [];
  if ('execution' in what) {
    return [...entries, { execution: what.execution, log: undefined }].slice(-MAX_ENTRIES);
  }
  return entries.map((entry) =>
    entry.execution.id === what.id ? { ...entry, log: what.log } : entry,
  );
}
