import { Type } from 'typebox';
import { listActivations } from '../../../db/handlers/versions.ts';
import { closed, userRoute } from '../../route.ts';
import {
  HandlerParams,
  Id,
  PAGE_LIMIT,
  pageFields,
  pageOf,
  time,
  Time,
  toPage,
} from '../../schemas.ts';
import { ownHandler } from '../handlers/resource.ts';
import { VERSIONS } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/handlers/:handler/activations',
  resource: VERSIONS,
  summary: 'List activations of a handler',
  user: { scope: 'handlers:read' },
  params: HandlerParams,
  query: closed(pageFields),
  success: {
    status: 200,
    description: 'Activations, newest first.',
    schema: pageOf(
      closed({ id: Id, version: Type.Integer(), activatedBy: Type.String(), createdAt: Time }),
    ),
  },
  problems: ['not-found'],
  async handle({ user, params, query, services }) {
    const handler = await ownHandler(services.db, user, params.handler);
    const limit = query.limit ?? PAGE_LIMIT;
    const rows = await listActivations(services.db, handler.id, { after: query.cursor, limit });
    return toPage(
      rows,
      limit,
      (row) => ({ ...row, createdAt: time(row.createdAt) }),
      ({ id }) => id,
    );
  },
});
