import { Type } from 'typebox';
import { ProblemError } from '../../../problems/problems.ts';
import {
  checkScopes,
  DAY_MS,
  storeToken,
  signStoredToken,
  TOKEN_DAYS,
} from '../../auth/token-issue.ts';
import { closed, userRoute } from '../../route.ts';
import { text } from '../../schemas.ts';
import { ScopeSchema, tokenFields, TOKENS, viewToken } from './resource.ts';

const MINUTE_MS = 60_000;
const MAX_MINUTES = 1440;

export const route = userRoute({
  method: 'POST',
  path: '/api/tokens',
  resource: TOKENS,
  summary: 'Create a token',
  description:
    'The token is not stored and cannot be shown again. A token can only create tokens with scopes that it has itself; they expire and are revoked together with it.',
  user: { scope: 'tokens:write' },
  audit: 'token.create',
  body: closed({
    name: text(100, 'A name for the token.', 1),
    scopes: Type.Array(ScopeSchema, { minItems: 1, maxItems: 20, uniqueItems: true }),
    expiresInDays: Type.Optional(
      Type.Integer({
        minimum: TOKEN_DAYS.shortest,
        maximum: TOKEN_DAYS.longest,
        default: TOKEN_DAYS.default,
      }),
    ),
    expiresInMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_MINUTES,
        description: 'For short-lived tokens. The shorter lifetime applies.',
      }),
    ),
  }),
  success: {
    status: 201,
    description: 'The token.',
    schema: closed({
      token: Type.String({ description: 'Send it as `Authorization: Bearer …`.' }),
      ...tokenFields,
    }),
  },
  problems: ['limit-reached', 'admin-only'],
  async handle({ user, body, services, change }) {
    const missing = body.scopes.find((scope) => !user.scopes.has(scope));
    if (missing !== undefined) {
      throw new ProblemError(
        'missing-scope',
        `This token does not have the scope ${missing}, so it cannot grant it.`,
      );
    }
    checkScopes(user, body.scopes);
    const { name, scopes, expiresInDays, expiresInMinutes } = body;
    const lifeMs = Math.min(
      (expiresInDays ?? TOKEN_DAYS.default) * DAY_MS,
      (expiresInMinutes ?? Infinity) * MINUTE_MS,
    );
    const made = await change(
      (tx) => storeToken(tx, user, { name, scopes, lifeMs }, services.clock()),
      ({ id, name, scopes }) => ({ token: id, name, scopes }),
    );
    return { token: await signStoredToken(services, user.id, made), ...viewToken(made) };
  },
});
