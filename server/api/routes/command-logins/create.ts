import { Type } from 'typebox';
import { insertCommandLogin } from '../../../db/accounts/command-logins.ts';
import { SCOPE_NAMES } from '../../../auth/scopes.ts';
import { newSecret } from '../../../auth/session.ts';
import { checkScopes, checkTokenCount, TOKEN_DAYS } from '../../auth/token-issue.ts';
import { closed, userRoute } from '../../route.ts';
import { text, time, Time } from '../../schemas.ts';
import { ScopeSchema } from '../tokens/resource.ts';
import { CODE_MS, COMMAND_LOGINS } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/command-logins',
  resource: COMMAND_LOGINS,
  summary: 'Authorize the CLI',
  description:
    'The user confirms this in the panel. The response has a code, which the CLI exchanges for a token within two minutes.',
  user: { scope: 'tokens:write', session: true },
  audit: 'command-login.create',
  body: closed({
    challenge: Type.String({
      pattern: '^[A-Za-z0-9_-]{43}$',
      minLength: 43,
      maxLength: 43,
      description: 'SHA-256 of the verifier, in base64url without padding.',
      'x-form': 'a SHA-256 in base64url',
    }),
    name: text(100, 'The name of the token, such as the name of the machine.', 1),
    scopes: Type.Optional(
      Type.Array(ScopeSchema, {
        minItems: 1,
        maxItems: 20,
        uniqueItems: true,
        description:
          'The scopes of the token. Default: all except `admin`, which only administrators can grant.',
      }),
    ),
    expiresInDays: Type.Optional(
      Type.Integer({
        minimum: TOKEN_DAYS.shortest,
        maximum: TOKEN_DAYS.longest,
        default: TOKEN_DAYS.default,
      }),
    ),
  }),
  success: {
    status: 201,
    description: 'The code.',
    schema: closed({
      code: Type.String({ description: 'Valid once, for two minutes.' }),
      expiresAt: Time,
    }),
  },
  problems: ['limit-reached', 'admin-only'],
  async handle({ user, body, services, change }) {
    checkScopes(user, body.scopes ?? []);
    const now = services.clock();
    const { secret, digest } = newSecret();
    const expiresAt = new Date(now.getTime() + CODE_MS);
    const scopes = body.scopes ?? SCOPE_NAMES.filter((scope) => scope !== 'admin');
    await change(
      async (tx) => {
        await checkTokenCount(tx, user, now);
        return insertCommandLogin(tx, {
          userId: user.id,
          codeDigest: digest,
          challenge: body.challenge,
          name: body.name,
          scopes,
          expiresInDays: body.expiresInDays ?? TOKEN_DAYS.default,
          expiresAt,
        });
      },
      (id) => ({ commandLogin: id, name: body.name, scopes }),
    );
    return { code: secret, expiresAt: time(expiresAt) };
  },
});
