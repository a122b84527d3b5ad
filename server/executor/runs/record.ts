/**
 * Converts a run to its execution record, and to the journal line that holds the record until it is written to the
 * database.
 */
import type { CgiOutcome, TracedCall, LogLine, RunResult } from '../../../olin/index.ts';
import type {
  ExecutionCall,
  ExecutionExchange,
  ExecutionStatus,
  ExecutionTrap,
  NewExecution,
} from '../../db/runs/executions.ts';
import { cutCall, cutTrap, cutUrls, writeCut } from './cut-record.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import type { BoundedBuffer } from './bounded-buffer.ts';

/** Characters of log kept. */
const LOG_CHARACTERS = 64 * 1024;
/** Characters of a trace as JSON. */
const TRACE_CHARACTERS = 256 * 1024;
const PATH_CHARACTERS = 2048;
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

/** Returns the record of a run without a result: one that is queued or running, or was interrupted. */
export function emptyExecution(
  run: RunDetails,
  status: 'queued' | 'running' | 'interrupted',
  trap: ExecutionTrap | null = null,
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
    path: path.slice(0, PATH_CHARACTERS),
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
    path: path.slice(0, PATH_CHARACTERS),
    httpStatus: kept.httpStatus,
    exitCode: result.exit,
    trap: trap === undefined ? null : cutTrap(trap),
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
  if (trap !== undefined) return statusOfTrap(trap.code);
  return exit === 0 ? 'succeeded' : 'failed';
}

function statusOfTrap(code: NonNullable<RunResult['trap']>['code']): ExecutionStatus {
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

/** Serializes a record to one line of JSON, truncated to the maximum length. */
export function writeLine(run: NewExecution): string {
  return writeCut(run, writeWhole);
}

function writeWhole(run: NewExecution): string {
  const text = JSON.stringify;
  // Ids, enum values and numbers need no escaping: concatenation takes a fifth of the time of JSON.stringify.
  return (
    `{"id":"${run.id}","handlerId":"${run.handlerId}","versionId":${id(run.versionId)}` +
    `,"ownerId":"${run.ownerId}","mode":"${run.mode}","callId":"${run.callId}"` +
    `,"attempt":${run.attempt},"status":"${run.status}","method":${text(run.method)}` +
    `,"path":${text(run.path)},"httpStatus":${run.httpStatus},"exitCode":${run.exitCode}` +
    `,"trap":${run.trap === null ? 'null' : text(run.trap)},"gas":${run.gas}` +
    `,"memoryPages":${run.memoryPages},"calls":${text(run.calls)},"urls":${list(run.urls)}` +
    `,"bytesIn":${run.bytesIn},"bytesOut":${run.bytesOut},"wallMs":${run.wallMs}` +
    `,"output":"${base64(run.output)}","errorOutput":"${base64(run.errorOutput)}"` +
    `,"log":${list(run.log)},"trace":${run.trace === null ? 'null' : text(run.trace)}` +
    (run.exchange === undefined ? '' : `,"exchange":${text(run.exchange)}`) +
    `,"startedAt":${run.startedAt.getTime()}}\n`
  );
}

function id(value: string | null): string {
  return value === null ? 'null' : `"${value}"`;
}

function list(values: readonly unknown[]): string {
  return values.length === 0 ? '[]' : JSON.stringify(values);
}

/** Returns undefined if the line was truncated by a system crash. */
export function readLine(line: string): NewExecution | undefined {
  try {
    const run: Omit<NewExecution, 'output' | 'errorOutput' | 'startedAt'> & {
      output: string;
      errorOutput: string;
      startedAt: number | string;
    } = JSON.parse(line);
    return {
      ...run,
      output: Buffer.from(run.output, 'base64'),
      errorOutput: Buffer.from(run.errorOutput, 'base64'),
      startedAt: new Date(run.startedAt),
    };
  } catch {
    return undefined;
  }
}

function base64(bytes: Uint8Array): string {
  return bytes.length === 0
    ? ''
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
