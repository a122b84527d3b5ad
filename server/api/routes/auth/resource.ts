import type { RouteGroup } from '../../route.ts';

export const AUTH: RouteGroup = {
  tag: 'Sign-in',
  description: 'Sign-in with a browser, using OpenID Connect.',
};
