import { Type } from 'typebox';
import { notifyHandlersOf } from '../../../db/handlers/handlers.ts';
import { updateUser } from '../../../db/accounts/users.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { closed, userRoute } from '../../route.ts';
import { text, TierField } from '../../schemas.ts';
import { UserParams, USERS, UserView, viewUser } from './resource.ts';

export const route = userRoute({
  method: 'PATCH',
  path: '/api/users/:user',
  resource: USERS,
  summary: 'Change the tier of a user, or lock or unlock the user',
  description:
    'A locked user cannot use the API, and the user’s handlers do not run, from the next request on.',
  user: { scope: 'admin', admin: true },
  audit: 'user.update',
  params: UserParams,
  body: closed(
    {
      tier: Type.Optional(TierField),
      locked: Type.Optional(Type.Boolean()),
      reason: Type.Optional(text(200, 'The reason, shown to the locked user.')),
    },
    { minProperties: 1 },
  ),
  success: { status: 200, description: 'The changed user.', schema: UserView },
  problems: ['not-found', 'conflict'],
  async handle({ user, params, body, services, change }) {
    const { tier, locked, reason } = body;
    if (locked === true && params.user === user.id) {
      throw new ProblemError('conflict', 'You cannot lock yourself. Another administrator can.');
    }
    const changed = await change(
      async (tx) => {
        const changed = await updateUser(tx, params.user, {
          tier,
          ...(locked === undefined
            ? {}
            : {
                lockedAt: locked ? services.clock() : null,
                lockedReason: locked ? (reason ?? '') : null,
              }),
        });
        if (changed === undefined)
          throw new ProblemError('not-found', 'There is no user with this ID.');
        await notifyHandlersOf(tx, changed.id);
        return changed;
      },
      ({ id, username }) => ({ user: id, username, tier: tier ?? null, locked: locked ?? null }),
    );
    return viewUser(changed);
  },
});
