import { Type } from 'typebox';
import { listAuditEvents } from '../../../db/accounts/audit.ts';
import { closed, userRoute } from '../../route.ts';
import { PAGE_LIMIT, pageFields, pageOf, toPage } from '../../schemas.ts';
import { ActionText, AUDIT, AuditView, viewEvent } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/audit',
  resource: AUDIT,
  summary: 'List your audit events',
  user: { scope: 'account:read' },
  query: closed({ ...pageFields, action: Type.Optional(ActionText) }),
  success: { status: 200, description: 'Events, newest first.', schema: pageOf(AuditView) },
  async handle({ user, query, services }) {
    const { cursor, limit = PAGE_LIMIT, action } = query;
    const rows = await listAuditEvents(services.db, {
      actorId: user.id,
      action,
      after: cursor,
      limit,
    });
    return toPage(rows, limit, viewEvent, ({ id }) => id);
  },
});
