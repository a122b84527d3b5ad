import { Type } from 'typebox';
import type { AuditEvent } from '../../../db/accounts/audit.ts';
import { closed, type RouteGroup } from '../../route.ts';
import { Id, nullable, time, Time } from '../../schemas.ts';

export const AUDIT: RouteGroup = {
  tag: 'Audit log',
  description: 'Records of all changes: who, what, when, from which address.',
};

export const ActionText = Type.String({
  pattern: '^[a-z-]+\\.[a-z]+$',
  maxLength: 40,
  'x-form': 'an action such as handler.create',
});

export const AuditView = closed({
  id: Id,
  actorId: Id,
  actor: Type.String(),
  tokenId: nullable(Id),
  action: Type.String(),
  target: Type.Record(Type.String(), Type.Unknown()),
  address: Type.String(),
  createdAt: Time,
});

export function viewEvent(event: AuditEvent) {
  const { id, actorId, actor, tokenId, action, target, address, createdAt } = event;
  return {
    id,
    actorId,
    actor,
    tokenId,
    action,
    target: { ...target },
    address,
    createdAt: time(createdAt),
  };
}
