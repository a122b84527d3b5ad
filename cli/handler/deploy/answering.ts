/**
 * Waits until the executors have taken a version over, and calls it once. The API is asked, not the handler: calls of a
 * handler are runs, and are billed.
 */
import { setTimeout as rest } from 'node:timers/promises';
import { isAbort, take, type Api } from '../../../client/api.ts';
import { ApiError, UnreachableError } from '../../../client/errors.ts';
import type { Execution, Handler } from '../../../client/views.ts';
import { callHandler, type HandlerReply } from '../call.ts';
import { CommandError } from '../../errors.ts';

/** For executors to take a version over, and for a handler that answers 429 or 503 to answer. */
const PATIENCE_MS = 30_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;
/** Beside the time that the tier gives a run: it may have to wait for its turn. */
const QUEUE_MS = 10_000;
/** A run is on record a moment after its reply. */
const RECORD_MS = 10_000;
/** Runs of another version, by an executor that was too late to say so. */
const MAX_RUNS = 3;
const MAX_BYTES = 1024 * 1024;

export interface Answering {
  readonly handler: Handler;
  readonly version: number;
  /** Of the call, such as the token of a private handler. */
  readonly headers: readonly (readonly [string, string])[];
  readonly signal: AbortSignal;
}

export interface FirstAnswer {
  readonly httpStatus: number;
  /** Null if it is not known: the call runs asynchronously. */
  readonly executionId: string | null;
  /** Null if it is not known: the call runs asynchronously, streams on, or the token may not read executions. */
  readonly status: Execution['status'] | null;
}

/** Another version was activated meanwhile. */
export interface Superseded {
  readonly supersededBy: number | null;
}

/** Throws a CommandError if no executor takes it over, or it does not answer for as long as its tier lets it run. */
export async function waitForAnswer(
  api: Api,
  answering: Answering,
): Promise<FirstAnswer | Superseded> {
  for (let runs = 1; ; runs += 1) {
    const rollout = await waitForRollout(api, answering);
    if ('supersededBy' in rollout) return rollout;
    const answer = await callOnce(api, answering, rollout.wallMs);
    if (answer !== 'another version') return answer;
    if (runs === MAX_RUNS) throw notTakenOver(answering);
  }
}

async function waitForRollout(
  api: Api,
  answering: Answering,
): Promise<{ readonly wallMs: number } | Superseded> {
  const { handler, version, signal } = answering;
  const path = { handler: handler.id };
  for await (const _ of pauses(signal)) {
    const rollout = await take(
      api.GET('/api/handlers/{handler}/rollout', { params: { path }, signal }),
    ).catch(unlessPassing);
    if (rollout === undefined) continue;
    const { activeVersion, executors, ready, wallMs } = rollout;
    if (activeVersion !== version) return { supersededBy: activeVersion };
    if (executors > 0 && ready === executors) return { wallMs };
  }
  throw notTakenOver(answering);
}

/** Tries again only if the handler did not run: nothing was there, or it was refused before. */
async function callOnce(
  api: Api,
  answering: Answering,
  wallMs: number,
): Promise<FirstAnswer | 'another version'> {
  const { handler, version, signal } = answering;
  const longestMs = wallMs + QUEUE_MS;
  for await (const _ of pauses(signal)) {
    // Ended when enough of the answer is seen: one that streams may be long.
    const enough = new AbortController();
    const timer = setTimeout(() => enough.abort(), longestMs);
    try {
      const reply = await call(answering, AbortSignal.any([signal, enough.signal]));
      const httpStatus = reply.status;
      if (httpStatus === 202) return { httpStatus, executionId: null, status: null };
      const isWhole = await readToEnd(reply.body, enough);
      const executionId = reply.bill()?.executionId;
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
          `Version ${version} of ${handler.name} is deployed, and has not answered a GET within ${longestMs / 1000} seconds. See: trisiel logs ${handler.name}`,
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
    `Version ${version} of ${handler.name} is deployed, but ${new URL(handler.url).origin} has not let a call in within ${PATIENCE_MS / 1000} seconds. Try: trisiel invoke ${handler.name}`,
    'unreachable',
  );
}

function call({ handler, headers }: Answering, signal: AbortSignal): Promise<HandlerReply> {
  return callHandler({
    url: handler.url,
    method: 'GET',
    headers: [['User-Agent', 'trisiel deploy'], ...headers],
    body: undefined,
    signal,
  });
}

/** Whether it was read to its end. One that breaks off is: its run says why. */
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

/** Undefined if the token may not read it, or it is not on record in time. */
async function findRun(
  api: Api,
  execution: string,
  signal: AbortSignal,
): Promise<Execution | undefined> {
  for await (const _ of pauses(signal, RECORD_MS)) {
    try {
      return await take(
        api.GET('/api/executions/{execution}', { params: { path: { execution } } }),
      );
    } catch (error) {
      const status = error instanceof ApiError ? error.problem.status : 0;
      if (status === 403) return undefined;
      if (status !== 404) unlessPassing(error);
    }
  }
  return undefined;
}

/** At once, then again after pauses that grow, as long as patience lasts. */
async function* pauses(signal: AbortSignal, patienceMs = PATIENCE_MS): AsyncGenerator<void> {
  const until = Date.now() + patienceMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    yield;
    if (Date.now() + pauseMs >= until) return;
    await rest(pauseMs, undefined, { signal });
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
  }
}

/** A server that restarts or is full answers later. */
function unlessPassing(error: unknown): undefined {
  if (error instanceof UnreachableError) return undefined;
  const status = error instanceof ApiError ? error.problem.status : 0;
  if (status === 429 || status >= 500) return undefined;
  throw error;
}

function notTakenOver({ handler, version }: Answering): CommandError {
  return new CommandError(
    `Version ${version} of ${handler.name} is deployed, and the executors have not taken it over within ${PATIENCE_MS / 1000} seconds. The version before may still answer. See: trisiel show ${handler.name}`,
    'unreachable',
  );
}
