import { notifyHandler, updateHandler } from '../../../db/handlers/handlers.ts';
import { purgeSurplus } from '../../../db/runs/retention.ts';
import { userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { HANDLERS, HandlerView, livingHandler, viewHandler } from './resource.ts';

/** Maximum number of restorable handlers per user. It also bounds their stored configuration, which no other limit does. */
const MAX_RESTORABLE = 100;

export const route = userRoute({
  method: 'DELETE',
  path: '/api/handlers/:handler',
  resource: HANDLERS,
  summary: 'Delete a handler',
  description: `It stops responding, and its name becomes available. It can be restored by its ID for \`keepDays\` of \`/api/server\`, while it is among the last ${MAX_RESTORABLE} that you deleted.`,
  user: { scope: 'handlers:write' },
  audit: 'handler.delete',
  params: HandlerParams,
  success: { status: 200, description: 'The deleted handler.', schema: HandlerView },
  problems: ['not-found', 'conflict'],
  async handle({ user, params, services, change }) {
    const deleted = await change(
      async (tx) => {
        const { id, name } = await livingHandler(tx, user, params.handler);
        await notifyHandler(tx, name);
        const now = services.clock();
        const deleted = await updateHandler(tx, id, { deletedAt: now });
        await purgeSurplus(tx, user.id, MAX_RESTORABLE, now);
        return deleted;
      },
      ({ id, name }) => ({ handler: id, name }),
    );
    return viewHandler(services.config, deleted);
  },
});
