import { Type } from 'typebox';
import { listAuditEvents } from '../../../db/accounts/audit.ts';
import { closed, userRoute } from '../../route.ts';
import { Id, PAGE_LIMIT, pageFields, pageOf, toPage } from '../../schemas.ts';
import { ActionText, AUDIT, AuditView, viewEvent } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/admin/audit',
  resource: AUDIT,
  summary: 'List audit events of all users',
  user: { scope: 'admin', admin: true },
  query: closed({ ...pageFields, action: Type.Optional(ActionText), actor: Type.Optional(Id) }),
  success: { status: 200, description: 'Events, newest first.', schema: pageOf(AuditView) },
  async handle({ query, services }) {
    const { cursor, limit = PAGE_LIMIT, action, actor } = query;
    const rows = await listAuditEvents(services.db, {
      actorId: actor,
      action,
      after: cursor,
      limit,
    });
    return toPage(rows, limit, viewEvent, ({ id }) => id);
  },
});
