import { randomUUIDv7 } from 'node:crypto';
import { Type } from 'typebox';
import { countLivingTokens, insertToken } from '../../../db/tokens.ts';
import { ProblemError } from '../../../problems.ts';
import { signToken } from '../../auth/tokens.ts';
import { closed, userRoute } from '../../route.ts';
import { text } from '../../schemas.ts';
import { ScopeSchema, tokenFields, TOKENS, viewToken } from './resource.ts';

const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

export const route = userRoute({
  method: 'POST',
  path: '/api/tokens',
  resource: TOKENS,
  summary: 'Make a token',
  description:
    'The token is shown this once: it is kept nowhere. A token makes none with scopes that it lacks itself.',
  user: { scope: 'tokens:write' },
  audit: 'token.create',
  body: closed({
    name: text(100, 'What it is for.', 1),
    scopes: Type.Array(ScopeSchema, { minItems: 1, maxItems: 20, uniqueItems: true }),
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: LONGEST_DAYS, default: 90 })),
  }),
  success: {
    status: 201,
    description: 'The token.',
    schema: closed({
      token: Type.String({ description: 'Send it as `Authorization: Bearer …`.' }),
      ...tokenFields,
    }),
  },
  problems: ['limit-reached'],
  async handle({ user, body, services, change }) {
    const { keys, config, clock } = services;
    const missing = body.scopes.find((scope) => !user.scopes.has(scope));
    if (missing !== undefined) {
      throw new ProblemError(
        'missing-scope',
        `This token does not have the scope ${missing} itself, and cannot give it on.`,
      );
    }
    const now = clock();
    const expiresAt = new Date(now.getTime() + (body.expiresInDays ?? 90) * DAY_MS);
    const made = await change(
      async (tx) => {
        const { tokens } = user.limits;
        if ((await countLivingTokens(tx, user.id, now)) >= tokens) {
          throw new ProblemError(
            'limit-reached',
            `You have ${tokens} tokens, which is what your tier allows. Revoke one first.`,
          );
        }
        return insertToken(tx, {
          id: randomUUIDv7(),
          userId: user.id,
          name: body.name,
          scopes: body.scopes,
          expiresAt,
        });
      },
      ({ id, name, scopes }) => ({ token: id, name, scopes }),
    );
    const token = await signToken(
      { keys, clock, origin: config.webOrigin },
      { jti: made.id, userId: user.id, scopes: body.scopes, issuedAt: now, expiresAt },
    );
    return { token, ...viewToken(made) };
  },
});
