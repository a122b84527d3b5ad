import { Type } from 'typebox';
import type { UserRow } from '../../../db/accounts/users.ts';
import { closed, type Resource } from '../../route.ts';
import { Id, nullable, TierField, time, Time, timeOrNull } from '../../schemas.ts';

export const USERS: Resource = {
  tag: 'Users',
  description: 'For administrators: who there is, their tiers and locks.',
};

export const UserParams = closed({ user: Id });

export const UserView = closed({
  id: Id,
  subject: Type.String({
    description: 'The identity provider’s own name of the user, which stays.',
  }),
  username: Type.String(),
  email: nullable(Type.String()),
  isAdmin: Type.Boolean(),
  tier: TierField,
  lockedAt: nullable(Time),
  lockedReason: nullable(Type.String()),
  createdAt: Time,
});

export function viewUser(user: UserRow) {
  const { id, subject, username, email, isAdmin, tier, lockedReason } = user;
  return {
    id,
    subject,
    username,
    email,
    isAdmin,
    tier,
    lockedReason,
    lockedAt: timeOrNull(user.lockedAt),
    createdAt: time(user.createdAt),
  };
}
