import { findExecution } from '../../../db/runs/execution-reads.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { closed, userRoute } from '../../route.ts';
import { Id } from '../../schemas.ts';
import { EXECUTIONS, ExecutionDetailView, viewDetail } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/executions/:execution',
  resource: EXECUTIONS,
  summary: 'Get an execution with output, log, trace and bill',
  user: { scope: 'executions:read' },
  params: closed({ execution: Id }),
  success: { status: 200, description: 'The execution.', schema: ExecutionDetailView },
  problems: ['not-found'],
  async handle({ user, params, services }) {
    const found = await findExecution(services.db, user.id, params.execution);
    if (found === undefined)
      throw new ProblemError('not-found', 'You have no execution with this ID.');
    return viewDetail(found);
  },
});
