import { userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { ownHandler } from '../handlers/resource.ts';
import { POLICY, PolicyView } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/handlers/:handler/policy',
  resource: POLICY,
  summary: 'Get the policy of a handler',
  user: { scope: 'handlers:read' },
  params: HandlerParams,
  success: {
    status: 200,
    description: 'The policy, or null.',
    schema: PolicyView,
  },
  problems: ['not-found'],
  async handle({ user, params, services }) {
    const { policy } = await ownHandler(services.db, user, params.handler);
    return { policy };
  },
});
