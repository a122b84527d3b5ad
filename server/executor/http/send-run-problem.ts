/** Sends problems on a raw response, with the execution's id, readable by pages of any origin. */
import { STATUS_CODES } from 'node:http';
import type { StopReason } from '../../../olin/index.ts';
import { PROBLEMS, type ProblemError } from '../../problems/problems.ts';
import type { CallResponse } from './exchange.ts';

export const EXECUTION_HEADER = 'Trisiel-Execution';
export const GAS_HEADER = 'Trisiel-Gas';

/** Details of the failed run. */
export interface FailedRun {
  readonly executionId: string;
  /** Undefined if the guest did not start. */
  readonly gas?: number;
  readonly trap?: StopReason | undefined;
  /** `exit`, `bad-reply`, or the code of the stop. */
  readonly reason?: string | undefined;
  /** Whether the caller has proved to be the handler's owner; only then is the backtrace included. */
  readonly isOwner: boolean;
}

/**
 * Sends a problem with the execution's id, the limit and its use; the owner also gets the backtrace. Does nothing if
 * the caller is gone or the headers were sent.
 */
export function sendRunProblem(
  response: CallResponse,
  problem: ProblemError,
  docsOrigin: string,
  run?: FailedRun,
): void {
  if (response.headersSent || response.destroyed) return;
  const { code, message: detail } = problem;
  const { status, title } = PROBLEMS[code];
  const trap = run?.trap;
  const body = JSON.stringify({
    type: `${docsOrigin}/server/errors/${code}/`,
    title,
    status,
    detail,
    code,
    ...(run === undefined ? {} : { executionId: run.executionId }),
    ...(run?.reason === undefined ? {} : { reason: run.reason }),
    ...(trap?.limit === undefined ? {} : { limit: trap.limit, used: trap.used }),
    ...(run?.isOwner === true && trap !== undefined ? { backtrace: trap.backtrace } : {}),
  });
  const headers: Record<string, string> = {
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    // The document contains no secrets, and pages must be able to read why a request failed.
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': '*',
    ...(run === undefined ? {} : { [EXECUTION_HEADER]: run.executionId }),
    ...(run?.gas === undefined ? {} : { [GAS_HEADER]: String(run.gas) }),
    ...problem.extras.headers,
  };
  // Explicit, because a previous `writeHead` that threw may have left its own reason phrase.
  response.writeHead(status, STATUS_CODES[status], Object.entries(headers).flat());
  response.end(body, 'utf8');
}
