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
  summary: 'Change a user’s tier, or lock or unlock a user',
  description:
    'A locked user can do nothing, and the user’s handlers do not run; both from the next request on.',
  user: { scope: 'admin', admin: true },
  audit: 'user.update',
  params: UserParams,
  body: closed(
    {
      tier: Type.Optional(TierField),
      locked: Type.Optional(Type.Boolean()),
      reason: Type.Optional(text(200, 'Shown to the user who is locked.')),
    },
    { minProperties: 1 },
  ),
  success: { status: 200, description: 'The user as it is now.', schema: UserView },
  problems: ['not-found', 'conflict'],
  async handle({ user, params, body, services, change }) {
    const { tier, locked, reason } = body;
    if (locked === true && params.user === user.id) {
      throw new ProblemError('conflict', 'You cannot lock yourself; another administrator can.');
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
          throw new ProblemError('not-found', 'There is no user of this id.');
        await notifyHandlersOf(tx, changed.id);
        return changed;
      },
      ({ id, username }) => ({ user: id, username, tier: tier ?? null, locked: locked ?? null }),
    );
    return viewUser(changed);
  },
});
