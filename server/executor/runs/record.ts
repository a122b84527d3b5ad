/** Converts a run to its execution record. */
import type { CgiOutcome, TracedCall, LogLine, RunResult } from '../../../olin/index.ts';
import type { ExecutionStatus } from '../../execution-status.ts';
import type {
  ExecutionCall,
  ExecutionExchange,
  ExecutionStop,
  NewExecution,
} from '../../db/runs/executions.ts';
import { cutCall, cutStop, cutUrls } from './cut-record.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import type { BoundedBuffer } from './bounded-buffer.ts';

/** Characters of log kept. */
const LOG_CHARACTERS = 64 * 1024;
/** Characters of a trace as JSON. */
const TRACE_CHARACTERS = 256 * 1024;
/** Longer paths are truncated. */
export const MAX_PATH_CHARACTERS = 2048;
const NOTHING = new Uint8Array(0);

/** Identity and request of a run. */
export interface RunDetails {
  readonly id: string;
  readonly handler: Pick<LoadedHandler, 'id' | 'versionId' | 'ownerId' | 'keepsTrace'>;
  readonly mode: 'sync' | 'async';
  readonly callId: string;
  readonly attempt: number;
  readonly method: string;
  readonly path: string;
  readonly startedAt: Date;
}

export interface RunOutput {
  readonly exchange: ExecutionExchange | undefined;
  readonly httpStatus: number | null;
  readonly output: BoundedBuffer;
  readonly errorOutput: BoundedBuffer;
}

/** Returns the record of a run without a result: one that is running, or was interrupted. */
export function emptyExecution(
  run: RunDetails,
  status: 'running' | 'interrupted',
  trap: ExecutionStop | null = null,
): NewExecution {
  const { id, handler, mode, callId, attempt, method, path, startedAt } = run;
  return {
    id,
    handlerId: handler.id,
    versionId: handler.versionId,
    ownerId: handler.ownerId,
    mode,
    callId,
    attempt,
    status,
    method,
    path: path.slice(0, MAX_PATH_CHARACTERS),
    httpStatus: null,
    exitCode: null,
    trap,
    gas: 0,
    memoryPages: 0,
    calls: {},
    urls: [],
    bytesIn: 0,
    bytesOut: 0,
    wallMs: 0,
    output: NOTHING,
    errorOutput: NOTHING,
    log: [],
    trace: handler.keepsTrace ? [] : null,
    startedAt,
  };
}

/** Returns the record of a finished run. */
export function recordOf(run: RunDetails, outcome: CgiOutcome, kept: RunOutput): NewExecution {
  const { result } = outcome;
  const { bill, trap } = result;
  const { id, handler, mode, callId, attempt, method, path, startedAt } = run;
  return {
    id,
    handlerId: handler.id,
    versionId: handler.versionId,
    ownerId: handler.ownerId,
    mode,
    callId,
    attempt,
    status: statusOf(outcome),
    method,
    path: path.slice(0, MAX_PATH_CHARACTERS),
    httpStatus: kept.httpStatus,
    exitCode: result.exit,
    trap: trap === undefined ? null : cutStop(trap),
    gas: bill.gas,
    memoryPages: bill.memoryPages,
    calls: bill.calls,
    urls: cutUrls(bill.urls),
    bytesIn: bill.bytesIn,
    bytesOut: bill.bytesOut,
    wallMs: bill.wallMs,
    output: kept.output.bytes(),
    errorOutput: kept.errorOutput.bytes(),
    log: boundLog(result.log),
    trace: handler.keepsTrace ? boundTrace(result.trace) : null,
    ...(kept.exchange === undefined ? {} : { exchange: kept.exchange }),
    startedAt,
  };
}

function statusOf({ fault, broken, result }: CgiOutcome): ExecutionStatus {
  const { trap, exit } = result;
  // An invalid reply makes the executor stop the guest; that is the guest's failure, not a cancellation.
  if (fault?.code === 'bad-reply' || (broken !== undefined && trap?.message !== broken)) {
    return 'failed';
  }
  if (trap !== undefined) return statusOfStop(trap.code);
  return exit === 0 ? 'succeeded' : 'failed';
}

function statusOfStop(code: NonNullable<RunResult['trap']>['code']): ExecutionStatus {
  if (code === 'time') return 'timed-out';
  return code === 'cancelled' ? 'cancelled' : 'stopped';
}

function boundLog(log: readonly LogLine[]): readonly LogLine[] {
  let room = LOG_CHARACTERS;
  for (const [i, { text }] of log.entries()) {
    room -= text.length + 1;
    if (room < 0) return log.slice(0, i);
  }
  return log;
}

/** Keeps the first calls that fit; `calls` counts all of them. */
function boundTrace(trace: readonly TracedCall[]): readonly ExecutionCall[] {
  let room = TRACE_CHARACTERS;
  const kept: ExecutionCall[] = [];
  for (const each of trace) {
    const call = cutCall(each);
    room -= JSON.stringify(call).length;
    if (room < 0) break;
    kept.push(call);
  }
  return kept;
}
