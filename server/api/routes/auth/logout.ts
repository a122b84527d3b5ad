import {
  checkOrigin,
  cookieText,
  digestSecret,
  readCookie,
  sessionCookieName,
} from '../../auth/session.ts';
import { endSession } from '../../../db/sessions.ts';
import { openRoute } from '../../route.ts';
import { AUTH } from './resource.ts';

export const route = openRoute({
  method: 'POST',
  path: '/logout',
  resource: AUTH,
  summary: 'Sign out',
  description: 'Ends the session of the cookie, and takes the cookie away. Harmless without one.',
  open: 'An ended session, or a locked user’s, can be signed out of too.',
  success: { status: 204, description: 'The session has ended.' },
  problems: ['foreign-origin'],
  async handle({ services, request, reply }) {
    const { config, db, clock } = services;
    checkOrigin(config, request.method, request.headers);
    const name = sessionCookieName(config);
    const secret = readCookie(request.headers.cookie, name);
    if (secret !== undefined) await endSession(db, digestSecret(secret), clock());
    return reply
      .header('set-cookie', cookieText(config, name, '', { path: '/', maxAgeMs: 0 }))
      .send();
  },
});
