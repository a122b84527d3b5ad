import { Type } from 'typebox';
import type { UserRow } from '../../../db/accounts/users.ts';
import { closed, type RouteGroup } from '../../route.ts';
import { Id, nullable, TierField, time, Time, timeOrNull } from '../../schemas.ts';

export const USERS: RouteGroup = {
  tag: 'Users',
  description: 'For administrators: users, their tiers and locks.',
};

export const UserParams = closed({ user: Id });

export const UserView = closed({
  id: Id,
  subject: Type.String({
    description: 'The stable identifier of the user at the identity provider.',
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
