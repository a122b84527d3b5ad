import { sqlState } from '../../../db/connection/database.ts';
import {
  countLivingHandlers,
  findHandler,
  notifyHandler,
  updateHandler,
} from '../../../db/handlers/handlers.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { HANDLERS, HandlerView, viewHandler } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/handlers/:handler/restore',
  resource: HANDLERS,
  summary: 'Restore a deleted handler',
  description: 'By its ID. It responds again, with the same version, policy and configuration.',
  user: { scope: 'handlers:write', tier: DEPLOY_TIER },
  audit: 'handler.restore',
  params: HandlerParams,
  success: { status: 200, description: 'The handler.', schema: HandlerView },
  problems: ['not-found', 'name-taken', 'conflict', 'limit-reached'],
  async handle({ user, params, services, change }) {
    let name = '';
    try {
      const restored = await change(
        async (tx) => {
          const { handlers } = user.limits;
          if ((await countLivingHandlers(tx, user.id)) >= handlers) {
            throw new ProblemError(
              'limit-reached',
              `You have ${handlers} handlers, which is what your tier allows. Delete one first.`,
            );
          }
          const handler = await findHandler(tx, user.id, params.handler, true);
          if (handler === undefined)
            throw new ProblemError('not-found', 'You have no handler with this ID.');
          if (handler.deletedAt === null)
            throw new ProblemError('conflict', 'The handler is not deleted.');
          name = handler.name;
          await notifyHandler(tx, name);
          return updateHandler(tx, handler.id, { deletedAt: null });
        },
        ({ id, name }) => ({ handler: id, name }),
      );
      return viewHandler(services.config, restored);
    } catch (error) {
      if (sqlState(error) === '23505') {
        throw new ProblemError(
          'name-taken',
          `Another handler now has the name ${name}. Rename or delete it first.`,
        );
      }
      throw error;
    }
  },
});
