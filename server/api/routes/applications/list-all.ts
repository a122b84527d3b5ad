import { Type } from 'typebox';
import { listApplications } from '../../../db/accounts/applications.ts';
import { closed, userRoute } from '../../route.ts';
import { PAGE_LIMIT, pageFields, pageOf, toPage } from '../../schemas.ts';
import { APPLICATIONS, ApplicationView, StatusSchema, viewApplication } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/admin/applications',
  resource: APPLICATIONS,
  summary: 'List everyone’s applications',
  user: { scope: 'admin', admin: true },
  query: closed({ ...pageFields, status: Type.Optional(StatusSchema) }),
  success: {
    status: 200,
    description: 'Applications, newest first.',
    schema: pageOf(ApplicationView),
  },
  async handle({ query, services }) {
    const { cursor, limit = PAGE_LIMIT, status } = query;
    const rows = await listApplications(services.db, { status, after: cursor, limit });
    return toPage(rows, limit, viewApplication, ({ id }) => id);
  },
});
