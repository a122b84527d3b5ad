/** Prints a handler's past executions with their logs, then follows new ones without a gap. */
import { setTimeout as rest } from 'node:timers/promises';
import { take, type Api } from '../../client/api.ts';
import { ApiError, UnreachableError } from '../../client/errors.ts';
import { followExecutions } from '../../client/tail.ts';
import type { ApiExecution, ApiExecutionDetail } from '../../client/views.ts';
import type { Context } from '../context.ts';
import { text } from '../terminal/text.ts';
import { describeLogEntry } from './execution-text.ts';

/** Maximum concurrent requests for details. */
const AT_ONCE = 4;
const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 15_000;

export interface LogFilter {
  readonly handler: string;
  readonly text?: string;
}

/** Yields details in order while the next ones are loading. */
export async function describeRuns(
  { out, signal }: Context,
  api: Api,
  runs: readonly ApiExecution[],
): Promise<void> {
  for (let at = 0; at < runs.length; at += AT_ONCE) {
    const details = await Promise.all(
      runs.slice(at, at + AT_ONCE).map(({ id }) => load(api, id, signal)),
    );
    for (const each of details) {
      if (each !== undefined) await out.stream(each, () => describeLogEntry(each));
    }
  }
}

/**
 * Prints the past and then follows new executions, until the signal is aborted. The stream is opened before the past is
 * read, so that none is missed; an execution in both is shown once.
 *
 * @param readPast returns past executions, newest first
 */
export async function followLog(
  context: Context,
  api: Api,
  filter: LogFilter,
  readPast: () => Promise<readonly ApiExecution[]>,
): Promise<void> {
  const { apiOptions, out } = context;
  // Stops the stream after an error here; otherwise it would reconnect and keep the process alive.
  const ending = new AbortController();
  const signal = AbortSignal.any([context.signal, ending.signal]);
  const opened = Promise.withResolvers<void>();
  let state: 'new' | 'open' | 'waiting' = 'new';
  const runs = followExecutions({
    ...(await apiOptions()),
    filter,
    signal,
    onState: (next) => {
      if (next === 'open') opened.resolve();
      // If the first connection fails, report why, as any other command would.
      if (next === 'waiting' && state === 'new') probe(api, filter).catch(opened.reject);
      if (next === 'waiting' && state === 'open')
        void out.note(text`Connection lost. Reconnecting …`);
      if (next === 'open' && state === 'waiting') void out.note(text`Reconnected.`);
      state = next;
    },
  });
  let coming = runs.next();
  coming.then(({ done }) => done === true && opened.resolve(), opened.reject);
  try {
    await opened.promise;
    const past = await readPast();
    await describeRuns(context, api, past.toReversed());
    const shown = new Set(past.map(({ id }) => id));
    for (;;) {
      const { value, done } = await coming;
      if (done === true) return;
      if (!shown.has(value.id)) await describeRuns(context, api, [value]);
      coming = runs.next();
    }
  } finally {
    ending.abort();
  }
}

async function probe(api: Api, { handler }: LogFilter): Promise<void> {
  await take(api.GET('/api/executions', { params: { query: { handler, limit: 1 } } }));
}

/** Loads an execution, and retries while the server is restarting or overloaded. Undefined if it no longer exists. */
async function load(
  api: Api,
  execution: string,
  signal: AbortSignal,
): Promise<ApiExecutionDetail | undefined> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    try {
      return await take(
        api.GET('/api/executions/{execution}', { params: { path: { execution } } }),
      );
    } catch (error) {
      if (error instanceof ApiError && error.problem.status === 404) return undefined;
      if (!isTransient(error)) throw error;
    }
    await rest(waitMs, undefined, { signal });
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  const status = error instanceof ApiError ? error.problem.status : 0;
  return status === 429 || status >= 500;
}
