import { userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { HANDLERS, HandlerView, ownHandler, viewHandler } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/handlers/:handler',
  resource: HANDLERS,
  summary: 'Get a handler',
  user: { scope: 'handlers:read' },
  params: HandlerParams,
  success: { status: 200, description: 'The handler.', schema: HandlerView },
  problems: ['not-found'],
  handle: async ({ user, params, services }) =>
    viewHandler(services.config, await ownHandler(services.db, user, params.handler)),
});
