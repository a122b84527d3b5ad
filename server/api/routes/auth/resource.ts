import type { Resource } from '../../route.ts';

export const AUTH: Resource = {
  tag: 'Sign-in',
  description: 'Signing in with a browser, by OpenID Connect.',
};
