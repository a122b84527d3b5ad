import { notifyHandler, updateHandler } from '../../../db/handlers.ts';
import { userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { HANDLERS, HandlerView, livingHandler, viewHandler } from './resource.ts';

export const route = userRoute({
  method: 'DELETE',
  path: '/api/handlers/:handler',
  resource: HANDLERS,
  summary: 'Delete a handler',
  description:
    'It answers no more, and its name is free. Its versions and executions stay, and it can be restored by its id.',
  user: { scope: 'handlers:write' },
  audit: 'handler.delete',
  params: HandlerParams,
  success: { status: 200, description: 'The handler, deleted.', schema: HandlerView },
  problems: ['not-found', 'conflict'],
  async handle({ user, params, services, change }) {
    const deleted = await change(
      async (tx) => {
        const { id, name } = await livingHandler(tx, user, params.handler);
        await notifyHandler(tx, name);
        return updateHandler(tx, id, { deletedAt: services.clock() });
      },
      ({ id, name }) => ({ handler: id, name }),
    );
    return viewHandler(services.config, deleted);
  },
});
