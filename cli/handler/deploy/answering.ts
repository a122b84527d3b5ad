/**
 * Waits until the executors serve a version, then calls it once. It polls the API rather than the handler, because calls
 * to a handler are billed runs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort, take, type Api } from '../../../client/api.ts';
import { ApiError, UnreachableError } from '../../../client/errors.ts';
import type { ApiExecution, ApiHandler } from '../../../client/views.ts';
import { callHandler, type HandlerResponse } from '../call.ts';
import { CommandError } from '../../errors.ts';

/** Time limit for executors to switch to a version, and for a handler to stop responding with 429 or 503. */
const TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 2000;
/** Added to the tier's time limit, because a call may be queued. */
const QUEUE_MS = 10_000;
/** An execution is recorded shortly after its response. */
const RECORD_MS = 10_000;
/** Maximum number of calls. A late executor may still run the previous version. */
const MAX_RUNS = 3;
const MAX_BYTES = 1024 * 1024;

export interface AnswerCheck {
  readonly handler: ApiHandler;
  readonly version: number;
  /** Request headers, such as the token for a private handler. */
  readonly headers: readonly (readonly [string, string])[];
  readonly signal: AbortSignal;
}

export interface FirstAnswer {
  readonly httpStatus: number;
  /** Null if unknown, because the call is asynchronous. */
  readonly executionId: string | null;
  /** Null if unknown: the call is asynchronous or still streaming, or the token may not read executions. */
  readonly status: ApiExecution['status'] | null;
}

/** Another version was activated meanwhile. */
export interface Superseded {
  readonly supersededBy: number | null;
}

/** Throws a CommandError if the executors do not switch to it, or it does not respond within its tier's time limit. */
export async function waitForAnswer(
  api: Api,
  check: AnswerCheck,
): Promise<FirstAnswer | Superseded> {
  for (let runs = 1; ; runs += 1) {
    const rollout = await waitForRollout(api, check);
    if ('supersededBy' in rollout) return rollout;
    const answer = await callOnce(api, check, rollout.wallMs);
    if (answer !== 'another version') return answer;
    if (runs === MAX_RUNS) throw rolloutTimeout(check);
  }
}

async function waitForRollout(
  api: Api,
  check: AnswerCheck,
): Promise<{ readonly wallMs: number } | Superseded> {
  const { handler, version, signal } = check;
  const path = { handler: handler.id };
  for await (const _ of pauses(signal)) {
    const rollout = await take(
      api.GET('/api/handlers/{handler}/rollout', { params: { path }, signal }),
    ).catch(ignoreTransient);
    if (rollout === undefined) continue;
    const { activeVersion, executors, ready, wallMs } = rollout;
    if (activeVersion !== version) return { supersededBy: activeVersion };
    if (executors > 0 && ready === executors) return { wallMs };
  }
  throw rolloutTimeout(check);
}

/** Retries only if the handler did not run: the server was unreachable or rejected the call. */
async function callOnce(
  api: Api,
  check: AnswerCheck,
  wallMs: number,
): Promise<FirstAnswer | 'another version'> {
  const { handler, version, signal } = check;
  const maxMs = wallMs + QUEUE_MS;
  for await (const _ of pauses(signal)) {
    // Aborted once enough of the response was read, because a streamed response may be long.
    const enough = new AbortController();
    const timer = setTimeout(() => enough.abort(), maxMs);
    try {
      const response = await call(check, AbortSignal.any([signal, enough.signal]));
      const httpStatus = response.status;
      if (httpStatus === 202) return { httpStatus, executionId: null, status: null };
      const isWhole = await readToEnd(response.body, enough);
      const executionId = response.bill()?.executionId;
      if (executionId === undefined) {
        if (httpStatus === 429 || httpStatus === 503) continue;
        return { httpStatus, executionId: null, status: null };
      }
      const run = await findRun(api, executionId, signal);
      if (run === undefined) return { httpStatus, executionId, status: null };
      if (run.version !== version) return 'another version';
      return { httpStatus, executionId, status: isWhole ? run.status : null };
    } catch (error) {
      if (signal.aborted) throw error;
      if (enough.signal.aborted && isAbort(error)) {
        throw new CommandError(
          `Version ${version} of ${handler.name} is deployed, but did not respond to GET within ${maxMs / 1000} seconds. See: trisiel logs ${handler.name}`,
          'unreachable',
        );
      }
      if (!(error instanceof UnreachableError)) throw error;
    } finally {
      clearTimeout(timer);
      enough.abort();
    }
  }
  throw new CommandError(
    `Version ${version} of ${handler.name} is deployed, but ${new URL(handler.url).origin} accepted no call within ${TIMEOUT_MS / 1000} seconds. Try: trisiel invoke ${handler.name}`,
    'unreachable',
  );
}

function call({ handler, headers }: AnswerCheck, signal: AbortSignal): Promise<HandlerResponse> {
  return callHandler({
    url: handler.url,
    method: 'GET',
    headers: [['User-Agent', 'trisiel deploy'], ...headers],
    body: undefined,
    signal,
  });
}

/** Reports whether the body was read to its end. An interrupted body counts as read; its execution has the reason. */
async function readToEnd(
  body: AsyncIterable<Uint8Array>,
  enough: AbortController,
): Promise<boolean> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) return false;
    }
    return true;
  } catch (error) {
    if (enough.signal.aborted) return false;
    if (error instanceof CommandError) return true;
    throw error;
  }
}

/** Returns undefined if the token may not read the execution, or it is not recorded in time. */
async function findRun(
  api: Api,
  execution: string,
  signal: AbortSignal,
): Promise<ApiExecution | undefined> {
  for await (const _ of pauses(signal, RECORD_MS)) {
    try {
      return await take(
        api.GET('/api/executions/{execution}', { params: { path: { execution } } }),
      );
    } catch (error) {
      const status = error instanceof ApiError ? error.problem.status : 0;
      if (status === 403) return undefined;
      if (status !== 404) ignoreTransient(error);
    }
  }
  return undefined;
}

/** Yields immediately and then after increasing pauses, until the time limit. */
async function* pauses(signal: AbortSignal, timeoutMs = TIMEOUT_MS): AsyncGenerator<void> {
  const until = Date.now() + timeoutMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    yield;
    if (Date.now() + pauseMs >= until) return;
    await sleep(pauseMs, undefined, { signal });
    pauseMs = Math.min(pauseMs * 1.5, MAX_PAUSE_MS);
  }
}

/** Ignores transient errors: the server is restarting or overloaded. Rethrows all others. */
function ignoreTransient(error: unknown): undefined {
  if (error instanceof UnreachableError) return undefined;
  const status = error instanceof ApiError ? error.problem.status : 0;
  if (status === 429 || status >= 500) return undefined;
  throw error;
}

function rolloutTimeout({ handler, version }: AnswerCheck): CommandError {
  return new CommandError(
    `Version ${version} of ${handler.name} is deployed, but the executors did not switch to it within ${TIMEOUT_MS / 1000} seconds. The previous version may still be running. See: trisiel show ${handler.name}`,
    'unreachable',
  );
}
