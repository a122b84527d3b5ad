/** SQL about the status of executions. */
import { EXECUTION_STATUSES, isFinished } from '../../execution-status.ts';

/** The statuses of runs that have ended, as an SQL list. */
export const FINISHED = `(${EXECUTION_STATUSES.filter(isFinished)
  .map((status) => `'${status}'`)
  .join(', ')})`;
