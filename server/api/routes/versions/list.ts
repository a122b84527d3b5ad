import { Type } from 'typebox';
import { listVersions } from '../../../db/handlers/versions.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams, PAGE_LIMIT, pageFields, pageOf, toPage } from '../../schemas.ts';
import { ownHandler } from '../handlers/resource.ts';
import { VERSIONS, VersionView, viewVersion } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/handlers/:handler/versions',
  resource: VERSIONS,
  summary: 'List the versions of a handler',
  user: { scope: 'handlers:read' },
  params: HandlerParams,
  query: closed({
    limit: pageFields.limit,
    cursor: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 2_147_483_647,
        description: '`next` of the previous page: a version number.',
      }),
    ),
  }),
  success: { status: 200, description: 'Versions, newest first.', schema: pageOf(VersionView) },
  problems: ['not-found'],
  async handle({ user, params, query, services }) {
    const handler = await ownHandler(services.db, user, params.handler);
    const limit = query.limit ?? PAGE_LIMIT;
    const rows = await listVersions(services.db, handler.id, { after: query.cursor, limit });
    return toPage(
      rows,
      limit,
      (row) => viewVersion(services.config, row),
      (row) => String(row.number),
    );
  },
});
