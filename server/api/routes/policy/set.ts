import { notifyHandler, updateHandler } from '../../../db/handlers/handlers.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { checkPolicyText } from '../../handlers/handler-policy.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams, nullable } from '../../schemas.ts';
import { livingHandler, ownHandler } from '../handlers/resource.ts';
import { POLICY, PolicyText, PolicyView } from './resource.ts';

export const route = userRoute({
  method: 'PUT',
  path: '/api/handlers/:handler/policy',
  resource: POLICY,
  summary: 'Set the policy of a handler',
  description:
    'The policy is checked first; null removes it. It applies from the handler’s next run on.',
  user: { scope: 'handlers:write', tier: DEPLOY_TIER },
  audit: 'policy.set',
  params: HandlerParams,
  body: closed({
    policy: nullable(PolicyText),
  }),
  success: { status: 200, description: 'The new policy.', schema: PolicyView },
  problems: ['not-found', 'conflict', 'policy-refused'],
  async handle({ user, params, body, services, change }) {
    await ownHandler(services.db, user, params.handler);
    if (body.policy !== null) await checkPolicyText(services, user, body.policy);
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
