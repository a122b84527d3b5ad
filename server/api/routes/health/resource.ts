import { Type } from 'typebox';
import { closed, type Resource } from '../../route.ts';

export const HEALTH: Resource = {
  tag: 'Operation',
  description: 'For whoever operates the server.',
};

export const HealthView = closed({ status: Type.Literal('ok') });
