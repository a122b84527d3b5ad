import { Type } from 'typebox';
import { listHandlers } from '../../../db/handlers/handlers.ts';
import { closed, userRoute } from '../../route.ts';
import { PAGE_LIMIT, pageFields, pageOf, toPage } from '../../schemas.ts';
import { HANDLERS, HandlerView, viewHandler } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/handlers',
  resource: HANDLERS,
  summary: 'List your handlers',
  user: { scope: 'handlers:read' },
  query: closed({
    ...pageFields,
    deleted: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Lists deleted handlers instead of active ones.',
      }),
    ),
  }),
  success: { status: 200, description: 'Handlers, newest first.', schema: pageOf(HandlerView) },
  async handle({ user, query, services }) {
    const { cursor, limit = PAGE_LIMIT, deleted = false } = query;
    const rows = await listHandlers(services.db, {
      ownerId: user.id,
      deleted,
      after: cursor,
      limit,
    });
    return toPage(
      rows,
      limit,
      (row) => viewHandler(services.config, row),
      ({ id }) => id,
    );
  },
});
