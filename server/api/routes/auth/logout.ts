import {
  checkOrigin,
  cookieText,
  readCookie,
  sessionCookieName,
  signOut,
} from '../../../auth/session.ts';
import { openRoute } from '../../route.ts';
import { AUTH } from './resource.ts';

export const route = openRoute({
  method: 'POST',
  path: '/logout',
  resource: AUTH,
  summary: 'Sign out',
  description:
    'Ends the session of the cookie and deletes the cookie. Does nothing without a session.',
  open: 'Expired sessions and locked users can sign out too.',
  success: { status: 204, description: 'The session has ended.' },
  problems: ['foreign-origin'],
  async handle({ services, request, reply }) {
    const { config, db, clock } = services;
    checkOrigin(config, request.method, request.headers);
    const name = sessionCookieName(config);
    const secret = readCookie(request.headers.cookie, name);
    if (secret !== undefined) {
      await db.transaction((tx) => signOut(tx, secret, { now: clock(), address: request.ip }));
    }
    return reply
      .header('set-cookie', cookieText(config, name, '', { path: '/', maxAgeMs: 0 }))
      .send();
  },
});
