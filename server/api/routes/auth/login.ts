import { Type } from 'typebox';
import { keepPending } from '../../auth/sign-in-cookies.ts';
import { closed, openRoute } from '../../route.ts';
import { AUTH } from './resource.ts';

export const route = openRoute({
  method: 'GET',
  path: '/login',
  resource: AUTH,
  summary: 'Sign in',
  description:
    'Redirects the browser to the identity provider, which redirects it back to `/login/callback`.',
  open: 'There is no session before the sign-in.',
  query: closed({
    returnTo: Type.Optional(
      Type.String({
        maxLength: 1000,
        description: 'A path of this origin to return to. Anything else is treated as `/`.',
      }),
    ),
  }),
  success: { status: 302, description: 'Redirects to the identity provider.' },
  isPage: true,
  problems: ['provider-failed'],
  async handle({ query, services, request, reply }) {
    const { config, signIn } = services;
    const { url, ...begun } = await signIn.begin(query.returnTo ?? '/');
    const cookies = keepPending(
      config,
      request.headers,
      begun,
      (memory) => signIn.recall(memory)?.until ?? 0,
    );
    return reply.header('set-cookie', cookies).redirect(url, 302);
  },
});
