/** Problems as an executor sends them: on a raw response, with the execution's id, readable by pages of any origin. */
import { STATUS_CODES } from 'node:http';
import type { Trap } from '../../../olin/index.ts';
import { PROBLEMS, type ProblemError } from '../../problems/problems.ts';
import type { CallReply } from './exchange.ts';

export const EXECUTION_HEADER = 'Trisiel-Execution';
export const GAS_HEADER = 'Trisiel-Gas';

/** What is known of the run that failed. */
export interface FailedRun {
  readonly executionId: string;
  /** Undefined before the guest began. */
  readonly gas?: number;
  readonly trap?: Trap | undefined;
  /** `exit`, `bad-reply`, or the trap's code. */
  readonly reason?: string | undefined;
  /** Whether the caller has shown to be the handler's owner: only then is the backtrace told. */
  readonly isOwner: boolean;
}

/**
 * Sends a problem. A stranger is told the id, the limit and its use; the owner the backtrace too.
 * Does nothing where the caller is gone or the head is out.
 */
export function sendRunProblem(
  response: CallReply,
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
    // It holds nothing that its caller may not know, and a page must be able to tell why its request failed.
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': '*',
    ...(run === undefined ? {} : { [EXECUTION_HEADER]: run.executionId }),
    ...(run?.gas === undefined ? {} : { [GAS_HEADER]: String(run.gas) }),
    ...problem.extras.headers,
  };
  // Named, since a head that failed to go out may have left its own reason phrase behind.
  response.writeHead(status, STATUS_CODES[status], Object.entries(headers).flat());
  response.end(body, 'utf8');
}
