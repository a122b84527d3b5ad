import { Type } from 'typebox';
import { listExecutions } from '../../../db/execution-reads.ts';
import { closed, userRoute } from '../../route.ts';
import { Id, PAGE_LIMIT, pageFields, pageOf, toPage } from '../../schemas.ts';
import { readTime, TimeText } from '../../times.ts';
import { EXECUTIONS, ExecutionView, filterFields, toFilter, viewExecution } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/executions',
  resource: EXECUTIONS,
  summary: 'List executions',
  user: { scope: 'executions:read' },
  query: closed({
    ...pageFields,
    ...filterFields,
    call: Type.Optional(Id),
    since: Type.Optional(TimeText),
    until: Type.Optional(TimeText),
  }),
  success: { status: 200, description: 'Executions, newest first.', schema: pageOf(ExecutionView) },
  problems: ['not-found'],
  async handle({ user, query, services }) {
    const { cursor, limit = PAGE_LIMIT } = query;
    const since = query.since === undefined ? undefined : readTime('query/since', query.since);
    const until = query.until === undefined ? undefined : readTime('query/until', query.until);
    const filter = await toFilter(services.db, user, query);
    const rows = await listExecutions(services.db, {
      ...filter,
      since,
      until,
      callId: query.call,
      after: cursor,
      limit,
    });
    return toPage(rows, limit, viewExecution, ({ id }) => id);
  },
});
