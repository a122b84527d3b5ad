/** Runs one attempt of an asynchronous call. Its row has the status `running` once it is admitted. */
import { randomUUIDv7 } from 'node:crypto';
import type { AsyncCall } from '../../db/runs/calls.ts';
import type { NewExecution } from '../../db/runs/executions.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import { RESULT_BYTES } from '../runs/bounded-buffer.ts';
import { ExchangeRecorder } from '../runs/exchange-recorder.ts';
import { emptyExecution } from '../runs/record.ts';
import {
  runHandler,
  type HandlerOutcome,
  type HandlerRun,
  type RunHandlerParts,
} from '../runs/run-handler.ts';

export interface AttemptRun {
  readonly call: AsyncCall;
  readonly handler: LoadedHandler;
  /** From 1. */
  readonly number: number;
  readonly abort: AbortController;
  /** Records that the attempt runs. If it rejects, the guest does not start. */
  readonly begin: (started: NewExecution) => Promise<void>;
}

/** Throws a problem if no memory is available in time; nothing is recorded then. */
export function runAttempt(
  parts: RunHandlerParts,
  { call, handler, number, abort, begin }: AttemptRun,
): Promise<HandlerOutcome> {
  const recorder = handler.keepsTrace ? new ExchangeRecorder(call.headers) : undefined;
  recorder?.takeBody(call.body);
  const run: HandlerRun = {
    id: number === 1 ? call.id : randomUUIDv7(),
    handler,
    mode: 'async',
    callId: call.id,
    attempt: number,
    method: call.method,
    path: call.url.replace(/^http:\/\/[^/]+/, ''),
    scriptName: call.scriptName,
    remoteAddress: call.remoteAddress,
    arrivedAt: performance.now(),
    startedAt: new Date(),
    abort,
    outputBytes: RESULT_BYTES,
    recorder,
    reply: undefined,
    onAdmitted: () => begin(emptyExecution(run, 'running')),
    toExchange: () => ({
      method: call.method,
      url: call.url,
      headers: call.headers,
      body: call.body.length === 0 ? null : Uint8Array.from(call.body),
      contentLength: call.body.length,
    }),
  };
  return runHandler(parts, run);
}
