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
  summary: 'Ask the executors which version they run',
  description:
    'Whether the executors have taken over the version that is active. Runs nothing. Takes up to two seconds.',
  user: { scope: 'handlers:read' },
  params: HandlerParams,
  success: {
    status: 200,
    description: 'What the executors answered.',
    schema: closed({
      activeVersion: nullable(Type.Integer()),
      executors: Type.Integer({ minimum: 0, description: 'Executors that answered in time.' }),
      ready: Type.Integer({
        minimum: 0,
        description: 'Those of them whose next run is of the active version.',
      }),
      wallMs: Type.Integer({
        minimum: 0,
        description: 'Milliseconds that a run may take, by the tier of the owner.',
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
