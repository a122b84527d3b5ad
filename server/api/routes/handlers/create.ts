import { Type } from 'typebox';
import { notifyHandler } from '../../../db/handlers/handlers.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { checkName } from '../../handlers/names.ts';
import { createHandler } from '../../handlers/new-handler.ts';
import { closed, userRoute } from '../../route.ts';
import { handlerFields, HANDLERS, HandlerView, viewHandler } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/handlers',
  resource: HANDLERS,
  summary: 'Create a handler',
  description: 'Without a name, one is generated. The handler responds once it has a version.',
  user: { scope: 'handlers:write', tier: DEPLOY_TIER },
  audit: 'handler.create',
  body: closed({
    name: Type.Optional(handlerFields.name),
    description: Type.Optional(handlerFields.description),
    mode: Type.Optional(handlerFields.mode),
    private: Type.Optional(handlerFields.private),
    trace: Type.Optional(handlerFields.trace),
  }),
  success: { status: 201, description: 'The handler.', schema: HandlerView },
  problems: ['name-taken', 'limit-reached'],
  async handle({ user, body, services, change }) {
    const { name, description = '', mode = 'sync' } = body;
    const { private: isPrivate = false, trace: keepsTrace = false } = body;
    if (name !== undefined) checkName(name);
    const made = await change(
      async (tx) => {
        const made = await createHandler(tx, user, name, {
          description,
          mode,
          isPrivate,
          keepsTrace,
        });
        await notifyHandler(tx, made.name);
        return made;
      },
      ({ id, name }) => ({ handler: id, name }),
    );
    return viewHandler(services.config, made);
  },
});
