import { Type } from 'typebox';
import { SIGN_IN_MS } from '../../auth/sign-in.ts';
import { cookieText } from '../../auth/session.ts';
import { closed, openRoute } from '../../route.ts';
import { AUTH, SIGN_IN_COOKIE, SIGN_IN_PATH } from './resource.ts';

export const route = openRoute({
  method: 'GET',
  path: '/login',
  resource: AUTH,
  summary: 'Sign in',
  description:
    'Sends the browser to the identity provider, which sends it back to `/login/callback`.',
  open: 'Whoever signs in has no session yet.',
  query: closed({
    returnTo: Type.Optional(
      Type.String({
        maxLength: 1000,
        description: 'A path of this origin to end up at; anything else counts as `/`.',
      }),
    ),
  }),
  success: { status: 302, description: 'To the identity provider.' },
  problems: ['provider-failed'],
  async handle({ query, services, reply }) {
    const { url, memory } = await services.signIn.begin(query.returnTo ?? '/');
    const cookie = cookieText(services.config, SIGN_IN_COOKIE, memory, {
      path: SIGN_IN_PATH,
      maxAgeMs: SIGN_IN_MS,
    });
    return reply.header('set-cookie', cookie).redirect(url, 302);
  },
});
