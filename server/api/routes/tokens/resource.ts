import { Type } from 'typebox';
import type { Token } from '../../../db/accounts/tokens.ts';
import { SCOPE_NAMES } from '../../../auth/scopes.ts';
import { closed, type RouteGroup } from '../../route.ts';
import { Id, nullable, time, Time, timeOrNull } from '../../schemas.ts';

export const TOKENS: RouteGroup = { tag: 'Tokens', description: 'Access tokens for programs.' };

export const ScopeSchema = Type.Enum(SCOPE_NAMES);

export const tokenFields = {
  id: Id,
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  expiresAt: Time,
  lastUsedAt: nullable(Time),
  revokedAt: nullable(Time),
  createdAt: Time,
} as const;

export const TokenView = closed(tokenFields);

export function viewToken(token: Token) {
  return {
    id: token.id,
    name: token.name,
    scopes: [...token.scopes],
    expiresAt: time(token.expiresAt),
    lastUsedAt: timeOrNull(token.lastUsedAt),
    revokedAt: timeOrNull(token.revokedAt),
    createdAt: time(token.createdAt),
  };
}
