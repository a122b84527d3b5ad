import { listTokens } from '../../../db/accounts/tokens.ts';
import { closed, userRoute } from '../../route.ts';
import { PAGE_LIMIT, pageFields, pageOf, toPage } from '../../schemas.ts';
import { TOKENS, TokenView, viewToken } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/tokens',
  resource: TOKENS,
  summary: 'List your tokens',
  description: 'With the time of last use, to the minute. Includes revoked and expired tokens.',
  user: { scope: 'tokens:read' },
  query: closed(pageFields),
  success: { status: 200, description: 'Tokens, newest first.', schema: pageOf(TokenView) },
  async handle({ user, query, services }) {
    const limit = query.limit ?? PAGE_LIMIT;
    const rows = await listTokens(services.db, user.id, { after: query.cursor, limit });
    return toPage(rows, limit, viewToken, ({ id }) => id);
  },
});
