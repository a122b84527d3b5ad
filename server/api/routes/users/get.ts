import { findUser } from '../../../db/accounts/users.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { userRoute } from '../../route.ts';
import { UserParams, USERS, UserView, viewUser } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/users/:user',
  resource: USERS,
  summary: 'Get a user',
  user: { scope: 'admin', admin: true },
  params: UserParams,
  success: { status: 200, description: 'The user.', schema: UserView },
  problems: ['not-found'],
  async handle({ params, services }) {
    const user = await findUser(services.db, params.user);
    if (user === undefined) throw new ProblemError('not-found', 'There is no user with this ID.');
    return viewUser(user);
  },
});
