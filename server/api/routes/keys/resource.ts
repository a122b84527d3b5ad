import type { RouteGroup } from '../../route.ts';

export const KEYS: RouteGroup = {
  tag: 'Signing keys',
  description: 'For administrators: the keys that tokens are signed with.',
};
