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

/** Tier of a new administrator who signs in with the local issuer. */
const OWN_MACHINE_TIER = 2;

const PANEL = '/panel/';

/** Printable ASCII (RFC 6749, appendix A). Together they fit into the maximum size of a request's headers. */
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
    'The redirect URI for the identity provider. Starts a session, or shows why the sign-in failed.',
  open: 'There is no session before the sign-in.',
  // Issuers may add parameters, which a client must ignore (RFC 6749, section 4.1.2).
  query: Type.Object({
    code: parameter(4096),
    state: parameter(256),
    iss: parameter(256),
    session_state: parameter(256),
    scope: parameter(512),
    error: parameter(64),
    // Issuers may write these in any language.
    error_description: Type.Optional(Type.String({ maxLength: 512 })),
    error_uri: Type.Optional(Type.String({ maxLength: 256 })),
  }),
  success: { status: 302, description: 'Redirects to the page where the sign-in started.' },
  isPage: true,
  problems: ['sign-in-failed', 'provider-failed'],
  async handle({ query, services, request, reply }) {
    const { config, db, clock } = services;
    const at = request.url.indexOf('?');
    const state = query.state ?? '';
    const memory = readPending(config, request.headers, state);
    const begun = services.signIn.recall(memory);
    if (begun?.isOver !== false && (await hasSession(services, request))) {
      // The page was reloaded, revisited or left open for too long. The browser is already signed in.
      return reply.redirect(begun?.returnTo ?? PANEL, 302);
    }
    // The pending sign-in is valid for one attempt, whatever its result. Error responses keep this header.
    reply.header('set-cookie', dropPending(config, state));
    const { identity, returnTo } = await services.signIn.finish(
      at < 0 ? '' : request.url.slice(at),
      memory,
    );
    const isAdmin = isAdministrator(config.admins, identity);
    const { secret, digest } = newSecret();
    const earlier = readCookie(request.headers.cookie, sessionCookieName(config));
    await db.transaction(async (tx) => {
      // Ends the previous session of the browser.
      if (earlier !== undefined) {
        await signOut(tx, earlier, { now: clock(), address: request.ip });
      }
      const user = await upsertUser(tx, {
        ...identity,
        isAdmin,
        // With the local issuer there is no other administrator who could grant a tier.
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
