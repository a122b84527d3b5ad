import { listApplications } from '../../../db/accounts/applications.ts';
import { closed, userRoute } from '../../route.ts';
import { PAGE_LIMIT, pageFields, pageOf, toPage } from '../../schemas.ts';
import { APPLICATIONS, ApplicationView, viewApplication } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/applications',
  resource: APPLICATIONS,
  summary: 'List your applications',
  user: { scope: 'account:read' },
  query: closed(pageFields),
  success: {
    status: 200,
    description: 'Applications, newest first.',
    schema: pageOf(ApplicationView),
  },
  async handle({ user, query, services }) {
    const limit = query.limit ?? PAGE_LIMIT;
    const rows = await listApplications(services.db, {
      userId: user.id,
      after: query.cursor,
      limit,
    });
    return toPage(rows, limit, viewApplication, ({ id }) => id);
  },
});
