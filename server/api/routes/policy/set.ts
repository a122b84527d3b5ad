import { Type } from 'typebox';
import { notifyHandler, updateHandler } from '../../../db/handlers.ts';
import { ProblemError } from '../../../problems.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams, nullable } from '../../schemas.ts';
import { livingHandler, ownHandler } from '../handlers/resource.ts';
import { POLICY, PolicyView } from './resource.ts';

export const route = userRoute({
  method: 'PUT',
  path: '/api/handlers/:handler/policy',
  resource: POLICY,
  summary: 'Set the policy of a handler',
  description:
    'It is parsed before it is kept; null takes it away. It holds from the handler’s next run on.',
  user: { scope: 'handlers:write', tier: DEPLOY_TIER },
  audit: 'policy.set',
  params: HandlerParams,
  body: closed({
    policy: nullable(
      Type.String({
        maxLength: 65_536,
        pattern: '^[^\\u0000]*$',
        description: 'A policy file, or null.',
      }),
    ),
  }),
  success: { status: 200, description: 'The policy as it is now.', schema: PolicyView },
  problems: ['not-found', 'conflict', 'policy-refused'],
  async handle({ user, params, body, services, change }) {
    await ownHandler(services.db, user, params.handler);
    if (body.policy !== null) {
      const { ramPageLimit, gasLimit } = await services.validator.checkPolicy(user.id, body.policy);
      refuseAbove('ram-page-limit', ramPageLimit, user.limits.memoryPages);
      refuseAbove('gas-limit', gasLimit, user.limits.gas);
    }
    const { policy } = await change(
      async (tx) => {
        const { id, name } = await livingHandler(tx, user, params.handler);
        await notifyHandler(tx, name);
        return updateHandler(tx, id, { policy: body.policy });
      },
      ({ id, name }) => ({ handler: id, name, removed: body.policy === null }),
    );
    return { policy };
  },
});

function refuseAbove(statement: string, found: number, most: number): void {
  if (found <= most) return;
  throw new ProblemError(
    'policy-refused',
    `The policy sets ${statement} ${found}; your tier allows ${most} at most.`,
  );
}
