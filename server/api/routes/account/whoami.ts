import { Type } from 'typebox';
import { SCOPE_NAMES } from '../../../auth/scopes.ts';
import { closed, userRoute } from '../../route.ts';
import { Id, nullable, time, Time } from '../../schemas.ts';
import { ACCOUNT } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/whoami',
  resource: ACCOUNT,
  summary: 'Get the authenticated user',
  description: 'The user of the token or session, with its tier and scopes.',
  user: { scope: 'account:read' },
  success: {
    status: 200,
    description: 'The user.',
    schema: closed({
      id: Id,
      username: Type.String(),
      email: nullable(Type.String()),
      isAdmin: Type.Boolean(),
      tier: Type.Integer({ minimum: 0, maximum: 2 }),
      scopes: Type.Array(Type.String()),
      via: Type.Union([Type.Literal('session'), Type.Literal('token')]),
      createdAt: Time,
    }),
  },
  async handle({ user }) {
    const { id, username, email, isAdmin, tier } = user;
    return {
      id,
      username,
      email,
      isAdmin,
      tier,
      scopes: SCOPE_NAMES.filter((scope) => user.scopes.has(scope)),
      via: user.tokenId === undefined ? ('session' as const) : ('token' as const),
      createdAt: time(user.createdAt),
    };
  },
});
