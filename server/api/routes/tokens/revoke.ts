import { revokeToken } from '../../../db/accounts/tokens.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { closed, userRoute } from '../../route.ts';
import { Id } from '../../schemas.ts';
import { TOKENS, TokenView, viewToken } from './resource.ts';

export const route = userRoute({
  method: 'DELETE',
  path: '/api/tokens/:token',
  resource: TOKENS,
  summary: 'Revoke a token',
  description: 'The token and the tokens created with it are refused from the next request on.',
  user: { scope: 'tokens:write' },
  audit: 'token.revoke',
  params: closed({ token: Id }),
  success: { status: 200, description: 'The revoked token.', schema: TokenView },
  problems: ['not-found'],
  async handle({ user, params, services, change }) {
    const revoked = await change(
      async (tx) => {
        const token = await revokeToken(tx, user.id, params.token, services.clock());
        if (token === undefined)
          throw new ProblemError('not-found', 'You have no active token with this ID.');
        return token;
      },
      ({ id, name }) => ({ token: id, name }),
    );
    return viewToken(revoked);
  },
});
