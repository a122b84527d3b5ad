import { Type } from 'typebox';
import { listUsers } from '../../../db/accounts/users.ts';
import { closed, userRoute } from '../../route.ts';
import { PAGE_LIMIT, pageFields, pageOf, text, TierField, toPage } from '../../schemas.ts';
import { USERS, UserView, viewUser } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/users',
  resource: USERS,
  summary: 'List users',
  user: { scope: 'admin', admin: true },
  query: closed({
    ...pageFields,
    search: Type.Optional(text(100, 'Part of the user name.')),
    tier: Type.Optional(TierField),
    locked: Type.Optional(Type.Boolean()),
  }),
  success: { status: 200, description: 'Users, newest first.', schema: pageOf(UserView) },
  async handle({ query, services }) {
    const { cursor, limit = PAGE_LIMIT, ...filter } = query;
    const rows = await listUsers(services.db, { ...filter, after: cursor, limit });
    return toPage(rows, limit, viewUser, ({ id }) => id);
  },
});
