import { Type } from 'typebox';
import { ProblemError } from '../../../problems/problems.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams, nullable } from '../../schemas.ts';
import { ownHandler } from '../handlers/resource.ts';
import { existingVersion } from '../versions/resource.ts';
import { DEPLOYMENTS } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/handlers/:handler/rollout',
  resource: DEPLOYMENTS,
  summary: 'Get the progress of a rollout',
  description:
    'Asks the executors whether they use the active version. Runs nothing. Takes up to two seconds.',
  user: { scope: 'handlers:read' },
  params: HandlerParams,
  success: {
    status: 200,
    description: 'The answers of the executors.',
    schema: closed({
      activeVersion: nullable(Type.Integer()),
      executors: Type.Integer({ minimum: 0, description: 'Executors that answered in time.' }),
      ready: Type.Integer({
        minimum: 0,
        description: 'Executors whose next run uses the active version.',
      }),
      wallMs: Type.Integer({
        minimum: 0,
        description: 'Time limit of a run in milliseconds, by the tier of the owner.',
      }),
    }),
  },
  problems: ['not-found', 'conflict'],
  async handle({ user, params, services }) {
    const { id, name, activeVersion, deletedAt } = await ownHandler(
      services.db,
      user,
      params.handler,
    );
    if (deletedAt !== null) {
      throw new ProblemError('conflict', 'The handler is deleted. Restore it first.');
    }
    const { wallMs } = user.limits;
    if (activeVersion === null) return { activeVersion, executors: 0, ready: 0, wallMs };
    const version = await existingVersion(services.db, id, activeVersion);
    return { activeVersion, ...(await services.rollouts.ask(name, version.id)), wallMs };
  },
});
