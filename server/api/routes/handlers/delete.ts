import { notifyHandler, updateHandler } from '../../../db/handlers/handlers.ts';
import { purgeSurplus } from '../../../db/runs/retention.ts';
import { userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { HANDLERS, HandlerView, livingHandler, viewHandler } from './resource.ts';

/** Deleted handlers that one user may restore: their configuration is kept too, which no other limit bounds. */
const DELETED_KEPT = 100;

export const route = userRoute({
  method: 'DELETE',
  path: '/api/handlers/:handler',
  resource: HANDLERS,
  summary: 'Delete a handler',
  description: `It answers no more, and its name is free. It can be restored by its id for as long as the server keeps it, as \`keepDays\` of \`/api/server\` says, and while it is among the last ${DELETED_KEPT} that you deleted.`,
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
        const now = services.clock();
        const deleted = await updateHandler(tx, id, { deletedAt: now });
        await purgeSurplus(tx, user.id, DELETED_KEPT, now);
        return deleted;
      },
      ({ id, name }) => ({ handler: id, name }),
    );
    return viewHandler(services.config, deleted);
  },
});
