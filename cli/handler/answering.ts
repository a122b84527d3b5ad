/** Waits until a handler really answers with the version that was deployed. */
import { setTimeout as rest } from 'node:timers/promises';
import { isAbort, take, type Api } from '../../client/api.ts';
import { ApiError, UnreachableError } from '../../client/errors.ts';
import type { Execution, Handler } from '../../client/views.ts';
import { callHandler } from './call.ts';
import { CommandError } from '../errors.ts';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 250;
/** Of an answer that is looked at. */
const LONGEST_LOOK_MS = 12_000;
const MOST_BYTES = 1024 * 1024;

export interface Answering {
  readonly handler: Handler;
  readonly version: number;
  /** Of the call, such as the token of a private handler. */
  readonly headers: readonly (readonly [string, string])[];
  readonly signal: AbortSignal;
}

export interface FirstAnswer {
  readonly httpStatus: number;
  /** Null where it is not told: the call runs asynchronously. */
  readonly executionId: string | null;
  /** Null where it is not known: the call runs asynchronously, streams on, or the token may not read executions. */
  readonly status: Execution['status'] | null;
}

/** Calls it with GET, again and again. Throws where it has not answered in half a minute. */
export async function waitForAnswer(api: Api, answering: Answering): Promise<FirstAnswer> {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    const answer = await tryOnce(api, answering, until);
    if (answer !== undefined) return answer;
    await rest(PAUSE_MS, undefined, { signal: answering.signal });
  }
  const { name } = answering.handler;
  throw new CommandError(
    `Version ${answering.version} of ${name} is deployed, and has not answered within ${PATIENCE_MS / 1000} seconds. See: trisiel logs ${name}`,
    'unreachable',
  );
}

async function tryOnce(
  api: Api,
  { handler, version, headers, signal }: Answering,
  until: number,
): Promise<FirstAnswer | undefined> {
  // Ended when enough of the answer is seen: one that streams may have no end.
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), LONGEST_LOOK_MS);
  try {
    const reply = await callHandler({
      url: handler.url,
      method: 'GET',
      headers: [['User-Agent', 'trisiel deploy'], ...headers],
      body: undefined,
      signal: AbortSignal.any([signal, enough.signal]),
    });
    const httpStatus = reply.status;
    // It was taken in, by an executor that knows the handler.
    if (httpStatus === 202) return { httpStatus, executionId: null, status: null };
    const isWhole = await lookAt(reply.body, enough);
    const executionId = reply.bill()?.executionId;
    if (executionId === undefined) return undefined;
    const run = await findRun(api, executionId, until, signal);
    if (run === 'forbidden') return { httpStatus, executionId, status: null };
    if (run?.version !== version) return undefined;
    return { httpStatus, executionId, status: isWhole ? run.status : null };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof UnreachableError || isAbort(error)) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
    enough.abort();
  }
}

/** Whether it was seen to its end. One that breaks off is: its run says why. */
async function lookAt(body: AsyncIterable<Uint8Array>, enough: AbortController): Promise<boolean> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) return false;
    }
    return true;
  } catch (error) {
    if (enough.signal.aborted) return false;
    if (error instanceof CommandError) return true;
    throw error;
  }
}

/** A run is on record a moment after its reply. */
async function findRun(
  api: Api,
  execution: string,
  until: number,
  signal: AbortSignal,
): Promise<Execution | 'forbidden' | undefined> {
  while (Date.now() < until) {
    try {
      return await take(
        api.GET('/api/executions/{execution}', { params: { path: { execution } } }),
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.problem.status === 403) return 'forbidden';
      if (error.problem.status !== 404) throw error;
    }
    await rest(PAUSE_MS, undefined, { signal });
  }
  return undefined;
}
