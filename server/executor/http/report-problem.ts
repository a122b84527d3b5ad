/** Converts an error to a problem and sends it to the caller of a handler; logs defects of the server. */
import type { Logger } from 'pino';
import { ProblemError } from '../../problems/problems.ts';
import { toProblem } from '../../problems/to-problem.ts';
import type { ExecutorMetrics } from '../metrics/metrics.ts';
import type { CallResponse } from './exchange.ts';
import { breakOff } from './reply.ts';
import { sendRunProblem } from './send-run-problem.ts';

export interface ReportParts {
  readonly metrics: ExecutorMetrics;
  readonly log: Logger;
  readonly docsOrigin: string;
}

/** Never throws: an uncaught error here would end the process. */
export function reportProblem(
  parts: ReportParts,
  error: unknown,
  response: CallResponse,
  executionId?: string,
): void {
  try {
    sendProblemOf(parts, error, response, executionId);
  } catch (failure) {
    parts.log.error({ err: failure, executionId }, 'a problem could not be sent');
    response.destroy();
  }
}

function sendProblemOf(
  { metrics, log, docsOrigin }: ReportParts,
  error: unknown,
  response: CallResponse,
  executionId?: string,
): void {
  if (!(error instanceof ProblemError)) log.error({ err: error, executionId }, 'a call failed');
  // An unreachable database is not a defect: the caller gets a 503 with Retry-After.
  const problem =
    toProblem(error) ??
    new ProblemError(
      'internal',
      'The server failed to run the handler. Try again. If it keeps failing, tell the operator.',
    );
  metrics.onRefused(problem.code);
  if (response.headersSent) {
    breakOff(response);
    return;
  }
  const run = executionId === undefined ? undefined : { executionId, isOwner: false };
  sendRunProblem(response, problem, docsOrigin, run);
}
