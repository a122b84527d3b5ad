import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isAdministrator } from '../../auth/administrators.ts';
import {
  cookieText,
  digestSecret,
  newSecret,
  readCookie,
  readSession,
  SESSION_MS,
  sessionCookieName,
  signOut,
} from '../../../auth/session.ts';
import { dropPending, readPending } from '../../auth/sign-in-cookies.ts';
import { CALLBACK_PATH } from '../../auth/sign-in.ts';
import { insertAuditEvent } from '../../../db/accounts/audit.ts';
import { findSessionUser, insertSession } from '../../../db/accounts/sessions.ts';
import { upsertUser } from '../../../db/accounts/users.ts';
import { openRoute } from '../../route.ts';
import type { Services } from '../../services.ts';
import { AUTH } from './resource.ts';

/** Of an administrator who signs in with the local issuer. */
const OWN_MACHINE_TIER = 2;

const PANEL = '/panel/';

/** Printable ASCII (RFC 6749, appendix A); all together fit into what a request's head may have. */
const parameter = (maxLength: number) =>
  Type.Optional(
    Type.String({ maxLength, pattern: '^[\\x20-\\x7e]*$', 'x-form': 'of printable ASCII' }),
  );

export const route = openRoute({
  method: 'GET',
  path: CALLBACK_PATH,
  resource: AUTH,
  summary: 'Finish signing in',
  description:
    'Where the identity provider sends the browser. Begins a session, or tells why there is none.',
  open: 'Whoever signs in has no session yet.',
  // Issuers add parameters of their own, which a client has to let pass (RFC 6749, section 4.1.2).
  query: Type.Object({
    code: parameter(4096),
    state: parameter(256),
    iss: parameter(256),
    session_state: parameter(256),
    scope: parameter(512),
    error: parameter(64),
    // Issuers write these in the language of whoever reads.
    error_description: Type.Optional(Type.String({ maxLength: 512 })),
    error_uri: Type.Optional(Type.String({ maxLength: 256 })),
  }),
  success: { status: 302, description: 'To where the sign-in was begun for.' },
  isPage: true,
  problems: ['sign-in-failed', 'provider-failed'],
  async handle({ query, services, request, reply }) {
    const { config, db, clock } = services;
    const at = request.url.indexOf('?');
    const state = query.state ?? '';
    const memory = readPending(config, request.headers, state);
    const begun = services.signIn.recall(memory);
    if (begun?.isOver !== false && (await hasSession(services, request))) {
      // Reloaded, gone back to, or left for too long: the browser is signed in, and nothing is changed.
      return reply.redirect(begun?.returnTo ?? PANEL, 302);
    }
    // It is good for one attempt, however that ends. An error's reply keeps it.
    reply.header('set-cookie', dropPending(config, state));
    const { identity, returnTo } = await services.signIn.finish(
      at < 0 ? '' : request.url.slice(at),
      memory,
    );
    const isAdmin = isAdministrator(config.admins, identity);
    const { secret, digest } = newSecret();
    const earlier = readCookie(request.headers.cookie, sessionCookieName(config));
    await db.transaction(async (tx) => {
      // Whoever had the browser before is signed out.
      if (earlier !== undefined) {
        await signOut(tx, earlier, { now: clock(), address: request.ip });
      }
      const user = await upsertUser(tx, {
        ...identity,
        isAdmin,
        // On one's own machine nobody else could give the first administrator a tier.
        firstTier: isAdmin && config.issuer === undefined ? OWN_MACHINE_TIER : 0,
      });
      const session = await insertSession(tx, {
        userId: user.id,
        secretDigest: digest,
        expiresAt: new Date(clock().getTime() + SESSION_MS),
      });
      await insertAuditEvent(tx, {
        actorId: user.id,
        tokenId: undefined,
        action: 'session.begin',
        target: { user: user.id, session },
        address: request.ip,
      });
    });
    return reply
      .header(
        'set-cookie',
        cookieText(config, sessionCookieName(config), secret, { path: '/', maxAgeMs: SESSION_MS }),
      )
      .redirect(returnTo, 302);
  },
});

async function hasSession(
  { config, db, clock }: Services,
  { headers }: FastifyRequest,
): Promise<boolean> {
  const secret = readSession(config, headers);
  if (secret === undefined) return false;
  return (await findSessionUser(db, digestSecret(secret), clock())) !== undefined;
}
