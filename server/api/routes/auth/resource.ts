import type { Resource } from '../../route.ts';

export const AUTH: Resource = {
  tag: 'Sign-in',
  description: 'Signing in with a browser, by OpenID Connect.',
};

/** The cookie that remembers a sign-in that is under way. */
export const SIGN_IN_COOKIE = 'trisiel_sign_in';
export const SIGN_IN_PATH = '/login';
