import { Type } from 'typebox';
import { sqlState } from '../../../db/connection/database.ts';
import { notifyHandler, updateHandler } from '../../../db/handlers/handlers.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { checkName, nameTaken } from '../../handlers/names.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { handlerFields, HANDLERS, HandlerView, livingHandler, viewHandler } from './resource.ts';

export const route = userRoute({
  method: 'PATCH',
  path: '/api/handlers/:handler',
  resource: HANDLERS,
  summary: 'Change a handler',
  description:
    'Omitted fields do not change. If the name changes, the old one becomes available at once.',
  user: { scope: 'handlers:write', tier: DEPLOY_TIER },
  audit: 'handler.update',
  params: HandlerParams,
  body: closed(
    {
      name: Type.Optional(handlerFields.name),
      description: Type.Optional(handlerFields.description),
      mode: Type.Optional(handlerFields.mode),
      private: Type.Optional(handlerFields.private),
      trace: Type.Optional(handlerFields.trace),
    },
    { minProperties: 1 },
  ),
  success: { status: 200, description: 'The changed handler.', schema: HandlerView },
  problems: ['not-found', 'name-taken', 'conflict'],
  async handle({ user, params, body, services, change }) {
    const { name, description, mode, private: isPrivate, trace: keepsTrace } = body;
    if (name !== undefined) checkName(name);
    try {
      const changed = await change(
        async (tx) => {
          const before = await livingHandler(tx, user, params.handler);
          const after = await updateHandler(tx, before.id, {
            name,
            description,
            mode,
            isPrivate,
            keepsTrace,
          });
          for (const each of new Set([before.name, after.name])) await notifyHandler(tx, each);
          return after;
        },
        ({ id, name }) => ({ handler: id, name, changed: Object.keys(body) }),
      );
      return viewHandler(services.config, changed);
    } catch (error) {
      if (name !== undefined && sqlState(error) === '23505') throw nameTaken(name);
      throw error;
    }
  },
});
