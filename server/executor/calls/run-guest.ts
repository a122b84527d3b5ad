/** Runs one attempt of a call: admits it, records it as running, runs the guest, and returns the final record. */
import { randomUUIDv7 } from 'node:crypto';
import { answer, type Platform, type ReplyHead, type Scheduler } from '../../../olin/index.ts';
import type { AsyncCall } from '../../db/runs/calls.ts';
import type { Database } from '../../db/connection/database.ts';
import { writeExecutions, type NewExecution } from '../../db/runs/executions.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import { ExchangeRecorder } from '../runs/exchange-recorder.ts';
import type { ActiveRun, ActiveRuns } from '../../process/probation/active-runs.ts';
import { BoundedBuffer, EMPTY_BILL, recordOf, RESULT_BYTES } from '../runs/record.ts';
import { admit, limitsFor } from '../runs/start.ts';

export interface RunGuestOptions {
  readonly db: Database;
  readonly platformFor: (handler: LoadedHandler) => Platform;
  readonly scheduler: Scheduler;
  readonly activeRuns?: ActiveRuns | undefined;
  readonly onRun?: ((handler: LoadedHandler, run: NewExecution) => void) | undefined;
}

/** Throws a problem if no memory is available in time; nothing is recorded then. */
export async function runGuest(
  { scheduler, platformFor, db, activeRuns }: RunGuestOptions,
  call: AsyncCall,
  handler: LoadedHandler,
  { number, abort }: { readonly number: number; readonly abort: AbortController },
): Promise<{ run: NewExecution; head: ReplyHead | undefined }> {
  const began = performance.now();
  const details = {
    id: number === 1 ? call.id : randomUUIDv7(),
    handler,
    mode: 'async' as const,
    callId: call.id,
    attempt: number,
    method: call.method,
    path: call.url.replace(/^http:\/\/[^/]+/, ''),
    startedAt: new Date(),
  };
  const limits = limitsFor(handler);
  const ticket = await admit(scheduler, handler, limits.wallMs, abort);
  const output = new BoundedBuffer(RESULT_BYTES);
  const errorOutput = new BoundedBuffer();
  let head: ReplyHead | undefined;
  let active: ActiveRun | undefined;
  const recorder = handler.keepsTrace ? new ExchangeRecorder(call.headers) : undefined;
  recorder?.takeBody(call.body);
  try {
    const waitedMs = performance.now() - began;
    const started = startedRow(details);
    await db.transaction((tx) => writeExecutions(tx, [started]));
    active = activeRuns?.begin(handler.ownerId, handler.module.digest);
    const answered = await answer(
      handler.module,
      {
        method: call.method,
        url: call.url,
        headers: call.headers,
        body: call.body.length === 0 ? null : Uint8Array.from(call.body),
        contentLength: call.body.length,
      },
      { onHead: (given) => void (head = given), onBody: output.take },
      {
        platform: platformFor(handler),
        args: [`${handler.name}.wasm`],
        env: handler.env,
        trace: handler.keepsTrace,
        scriptName: call.scriptName,
        remoteAddress: call.remoteAddress,
        handlerId: handler.name,
        runId: details.id,
        stderr: errorOutput.take,
        limits: { ...limits, wallMs: Math.max(1, limits.wallMs - waitedMs) },
        turn: ticket.turn,
        grow: ticket.grow,
        abort,
        ...(handler.policy === undefined ? {} : { policy: handler.policy }),
      },
    );
    const httpStatus = head?.status ?? null;
    if (head !== undefined) recorder?.takeHead(head);
    const exchange = recorder?.exchange();
    return {
      run: recordOf(details, answered, { exchange, httpStatus, output, errorOutput }),
      head,
    };
  } finally {
    active?.end();
    ticket.release();
  }
}

function startedRow(details: Parameters<typeof recordOf>[0]): NewExecution {
  const none = new Uint8Array();
  const result = {
    exit: null,
    output: none,
    errorOutput: none,
    log: [],
    trace: [],
    bill: EMPTY_BILL,
  };
  const kept = {
    exchange: undefined,
    httpStatus: null,
    output: new BoundedBuffer(0),
    errorOutput: new BoundedBuffer(0),
  };
  return { ...recordOf(details, { result }, kept), status: 'running' };
}
