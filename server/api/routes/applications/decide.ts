import { Type } from 'typebox';
import { decideApplication, hasApplication } from '../../../db/accounts/applications.ts';
import { notifyHandlersOf } from '../../../db/handlers/handlers.ts';
import { findUser, updateUser } from '../../../db/accounts/users.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { closed, userRoute } from '../../route.ts';
import { text } from '../../schemas.ts';
import { ApplicationParams, APPLICATIONS, ApplicationView, viewApplication } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/admin/applications/:application/decision',
  resource: APPLICATIONS,
  summary: 'Approve or refuse an application',
  description: 'If approved, the user has the free tier from the next request on.',
  user: { scope: 'admin', admin: true },
  audit: 'application.decide',
  params: ApplicationParams,
  body: closed({
    status: Type.Union([Type.Literal('approved'), Type.Literal('refused')]),
    answer: Type.Optional(text(500, 'A message to the user.')),
  }),
  success: {
    status: 200,
    description: 'The application with the decision.',
    schema: ApplicationView,
  },
  problems: ['not-found', 'conflict'],
  async handle({ user, params, body, services, change }) {
    const { status, answer = '' } = body;
    const decided = await change(
      async (tx) => {
        const application = await decideApplication(tx, {
          id: params.application,
          status,
          answer,
          decidedBy: user.id,
          now: services.clock(),
        });
        if (application === undefined) {
          throw (await hasApplication(tx, params.application))
            ? new ProblemError('conflict', 'The application has already been decided.')
            : new ProblemError('not-found', 'There is no application with this ID.');
        }
        const applicant = await findUser(tx, application.userId);
        if (status === 'approved' && applicant !== undefined && applicant.tier < DEPLOY_TIER) {
          await updateUser(tx, applicant.id, { tier: DEPLOY_TIER });
          await notifyHandlersOf(tx, applicant.id);
        }
        return application;
      },
      ({ id, userId }) => ({ application: id, user: userId, status }),
    );
    return viewApplication(decided);
  },
});
