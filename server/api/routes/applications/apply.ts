import { sqlState } from '../../../db/connection/database.ts';
import { insertApplication } from '../../../db/accounts/applications.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { closed, userRoute } from '../../route.ts';
import { text } from '../../schemas.ts';
import { APPLICATIONS, ApplicationView, viewApplication } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/applications',
  resource: APPLICATIONS,
  summary: 'Apply for the free tier',
  user: { scope: 'account:write' },
  audit: 'application.create',
  body: closed({ purpose: text(2000, 'What you want to deploy.', 10) }),
  success: { status: 201, description: 'The application.', schema: ApplicationView },
  problems: ['conflict'],
  async handle({ user, body, change }) {
    if (user.tier >= DEPLOY_TIER) {
      throw new ProblemError('conflict', `You already have tier ${user.tier} and can deploy.`);
    }
    try {
      const made = await change(
        (tx) => insertApplication(tx, user.id, body.purpose),
        ({ id }) => ({ application: id }),
      );
      return viewApplication(made);
    } catch (error) {
      if (sqlState(error) === '23505') {
        throw new ProblemError('conflict', 'You already have a pending application.');
      }
      throw error;
    }
  },
});
