import { Type } from 'typebox';
import { ProblemError } from '../../../problems/problems.ts';
import { checkScopes, DAY_MS, keepToken, signMade, TOKEN_DAYS } from '../../auth/token-issue.ts';
import { closed, userRoute } from '../../route.ts';
import { text } from '../../schemas.ts';
import { ScopeSchema, tokenFields, TOKENS, viewToken } from './resource.ts';

const MINUTE_MS = 60_000;
const LONGEST_MINUTES = 1440;

export const route = userRoute({
  method: 'POST',
  path: '/api/tokens',
  resource: TOKENS,
  summary: 'Make a token',
  description:
    'The token is shown this once: it is kept nowhere. A token makes none with scopes that it lacks itself, and what it makes ends with it: at its expiry at the latest, and when it is revoked.',
  user: { scope: 'tokens:write' },
  audit: 'token.create',
  body: closed({
    name: text(100, 'What it is for.', 1),
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
        maximum: LONGEST_MINUTES,
        description: 'For a token of short life: the shorter of the two holds.',
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
        `This token does not have the scope ${missing} itself, and cannot give it on.`,
      );
    }
    checkScopes(user, body.scopes);
    const { name, scopes, expiresInDays, expiresInMinutes } = body;
    const lifeMs = Math.min(
      (expiresInDays ?? TOKEN_DAYS.default) * DAY_MS,
      (expiresInMinutes ?? Infinity) * MINUTE_MS,
    );
    const made = await change(
      (tx) => keepToken(tx, user, { name, scopes, lifeMs }, services.clock()),
      ({ id, name, scopes }) => ({ token: id, name, scopes }),
    );
    return { token: await signMade(services, user.id, made), ...viewToken(made) };
  },
});
