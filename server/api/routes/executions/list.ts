import { Type } from 'typebox';
import { sqlState } from '../../../db/connection/database.ts';
import type { ExecutionSummary } from '../../../db/runs/execution-reads.ts';
import { isSearch, listExecutions } from '../../../db/runs/execution-search.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { closed, userRoute } from '../../route.ts';
import { Id, PAGE_LIMIT, pageFields, pageOf, toPage } from '../../schemas.ts';
import { readTime, TimeText } from '../../reads/times.ts';
import { EXECUTIONS, ExecutionView, filterFields, toFilter, viewExecution } from './resource.ts';

const QUERY_CANCELED = '57014';

export const route = userRoute({
  method: 'GET',
  path: '/api/executions',
  resource: EXECUTIONS,
  summary: 'List executions',
  description:
    'With `text`, `status`, `http`, `since` or `until`, executions are searched until a page is full. If that takes too long, the request fails; use a narrower filter.',
  user: { scope: 'executions:read' },
  query: closed({
    ...pageFields,
    ...filterFields,
    call: Type.Optional(Id),
    since: Type.Optional(TimeText),
    until: Type.Optional(TimeText),
  }),
  success: { status: 200, description: 'Executions, newest first.', schema: pageOf(ExecutionView) },
  problems: ['not-found', 'search-too-wide'],
  async handle({ user, query, services }) {
    const { cursor, limit = PAGE_LIMIT } = query;
    const since = query.since === undefined ? undefined : readTime('query/since', query.since);
    const until = query.until === undefined ? undefined : readTime('query/until', query.until);
    const filter = await toFilter(services.db, user, query);
    const { db, heavyReads } = services;
    const page = { ...filter, since, until, callId: query.call, after: cursor, limit };
    if (!isSearch(page)) {
      return toPage(await listExecutions(db, page), limit, viewExecution, ({ id }) => id);
    }
    const search = (): Promise<ExecutionSummary[]> => listExecutions(db, page);
    const rows = await heavyReads.run(user.id, search).catch((error: unknown) => {
      if (sqlState(error) !== QUERY_CANCELED) throw error;
      throw new ProblemError(
        'search-too-wide',
        'There are too many executions to search. Narrow the search with since and until, or with a handler.',
      );
    });
    return toPage(rows, limit, viewExecution, ({ id }) => id);
  },
});
