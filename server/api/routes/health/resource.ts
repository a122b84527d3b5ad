import { Type } from 'typebox';
import { closed, type RouteGroup } from '../../route.ts';

export const HEALTH: RouteGroup = {
  tag: 'Operation',
  description: 'For operators of the server.',
};

export const HealthView = closed({ status: Type.Literal('ok') });
