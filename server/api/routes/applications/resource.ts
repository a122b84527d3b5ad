import { Type } from 'typebox';
import type { Application } from '../../../db/accounts/applications.ts';
import { closed, type RouteGroup } from '../../route.ts';
import { Id, nullable, time, Time, timeOrNull } from '../../schemas.ts';

export const APPLICATIONS: RouteGroup = {
  tag: 'Applications',
  description: 'Applications for the free tier, and decisions on them.',
};

export const StatusSchema = Type.Union([
  Type.Literal('pending'),
  Type.Literal('approved'),
  Type.Literal('refused'),
]);

export const ApplicationParams = closed({ application: Id });

export const ApplicationView = closed({
  id: Id,
  userId: Id,
  username: Type.String(),
  purpose: Type.String(),
  status: StatusSchema,
  answer: nullable(Type.String()),
  decidedAt: nullable(Time),
  createdAt: Time,
});

export function viewApplication(application: Application) {
  const { id, userId, username, purpose, status, answer, decidedAt, createdAt } = application;
  return {
    id,
    userId,
    username,
    purpose,
    status,
    answer,
    decidedAt: timeOrNull(decidedAt),
    createdAt: time(createdAt),
  };
}
