/** The statuses of executions. */

/** How far an execution is, or how it ended. */
export const EXECUTION_STATUSES = [
  'queued',
  'running',
  /** Exit status 0. */
  'succeeded',
  /** Nonzero exit status, or a reply that is not valid CGI output. */
  'failed',
  /** Stopped by a trap, the policy, or a limit other than time. */
  'stopped',
  'timed-out',
  'cancelled',
  /** The process running it ended during the run. */
  'interrupted',
] as const;

export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

export function isFinished(status: ExecutionStatus): boolean {
  return status !== 'queued' && status !== 'running';
}
