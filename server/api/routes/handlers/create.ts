import { Type } from 'typebox';
import {
  countLivingHandlers,
  insertHandler,
  notifyHandler,
  type Handler,
  type NewHandler,
} from '../../../db/handlers.ts';
import type { Queryable } from '../../../db/database.ts';
import { ProblemError } from '../../../problems.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { checkName, makeUpName, nameTaken } from '../../names.ts';
import { closed, userRoute } from '../../route.ts';
import { handlerFields, HANDLERS, HandlerView, viewHandler } from './resource.ts';

/** Made-up names that are tried. */
const ATTEMPTS = 8;

export const route = userRoute({
  method: 'POST',
  path: '/api/handlers',
  resource: HANDLERS,
  summary: 'Make a handler',
  description: 'Without a name, a pleasant one is made up. It answers once a version is uploaded.',
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
        const { handlers } = user.limits;
        if ((await countLivingHandlers(tx, user.id)) >= handlers) {
          throw new ProblemError(
            'limit-reached',
            `You have ${handlers} handlers, which is what your tier allows. Delete one first.`,
          );
        }
        return insertNamed(tx, name, {
          ownerId: user.id,
          description,
          mode,
          isPrivate,
          keepsTrace,
        });
      },
      ({ id, name }) => ({ handler: id, name }),
    );
    return viewHandler(services.config, made);
  },
});

async function insertNamed(
  tx: Queryable,
  wanted: string | undefined,
  handler: Omit<NewHandler, 'name'>,
): Promise<Handler> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const name = wanted ?? makeUpName();
    const made = await insertHandler(tx, { ...handler, name });
    if (made !== undefined) {
      await notifyHandler(tx, name);
      return made;
    }
    if (wanted !== undefined) throw nameTaken(wanted);
  }
  throw new Error('no made-up name is free');
}
