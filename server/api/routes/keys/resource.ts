import type { Resource } from '../../route.ts';

export const KEYS: Resource = {
  tag: 'Signing keys',
  description: 'For administrators: the keys that tokens are signed with.',
};
