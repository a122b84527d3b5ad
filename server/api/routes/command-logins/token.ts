import { createHash, timingSafeEqual } from 'node:crypto';
import { Type } from 'typebox';
import { insertAuditEvent } from '../../../db/accounts/audit.ts';
import { useCommandLogin } from '../../../db/accounts/command-logins.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { limitsOf } from '../../../tiers.ts';
import { digestSecret } from '../../../auth/session.ts';
import { DAY_MS, storeToken, signStoredToken } from '../../auth/token-issue.ts';
import { addressSubject } from '../../rate-limit.ts';
import { closed, openRoute } from '../../route.ts';
import { tokenFields, viewToken } from '../tokens/resource.ts';
import { COMMAND_LOGINS } from './resource.ts';

/** Maximum attempts per address and minute. */
const ATTEMPTS_PER_MINUTE = 30;

export const route = openRoute({
  method: 'POST',
  path: '/api/command-logins/token',
  resource: COMMAND_LOGINS,
  summary: 'Exchange a code for a token',
  description: 'A code is valid once. Sending it with a wrong verifier uses it up too.',
  open: 'The code and its verifier authenticate the request.',
  body: closed({
    code: Type.String({
      pattern: '^[A-Za-z0-9_-]{43}$',
      minLength: 43,
      maxLength: 43,
      writeOnly: true,
      'x-form': 'as the browser brought it',
    }),
    verifier: Type.String({
      pattern: '^[A-Za-z0-9._~-]{43,128}$',
      minLength: 43,
      maxLength: 128,
      writeOnly: true,
      'x-form': 'of letters, digits and -._~ (RFC 7636)',
    }),
  }),
  success: {
    status: 201,
    description: 'The token, which is not shown again.',
    schema: closed({
      token: Type.String({ description: 'Send it as `Authorization: Bearer …`.' }),
      username: Type.String(),
      ...tokenFields,
    }),
  },
  problems: ['command-login-failed', 'account-locked', 'limit-reached', 'admin-only'],
  async handle({ body, services, request }) {
    const { db, clock, limiter } = services;
    const allowance = limiter.take(`code ${addressSubject(request.ip)}`, ATTEMPTS_PER_MINUTE);
    if (!allowance.allowed) {
      throw new ProblemError(
        'too-many-requests',
        `Your address has tried more than ${ATTEMPTS_PER_MINUTE} codes in a minute. Wait ${allowance.resetSeconds} seconds.`,
        { headers: { 'retry-after': String(allowance.resetSeconds) } },
      );
    }
    const now = clock();
    const digest = digestSecret(body.code);
    // A refusal is returned instead of thrown, so that the transaction commits and the code stays used.
    const done = await db.transaction(async (tx) => {
      const login = await useCommandLogin(tx, digest, now);
      if (login === undefined) return undefined;
      const { id, loginId, name, scopes, username } = login;
      const audit = (action: string, target: Readonly<Record<string, string>>) =>
        insertAuditEvent(tx, {
          actorId: id,
          tokenId: undefined,
          action,
          target: { commandLogin: loginId, name, scopes, ...target },
          address: request.ip,
        });
      const refusal =
        refuseLocked(login.lockedAt) ?? refuseVerifier(body.verifier, login.challenge);
      if (refusal !== undefined) {
        await audit('command-login.refuse', { reason: refusal.code });
        return refusal;
      }
      const lifeMs = login.expiresInDays * DAY_MS;
      const owner = { id, isAdmin: login.isAdmin, limits: limitsOf(login.tier) };
      const made = await storeToken(tx, owner, { name, scopes, lifeMs }, now);
      await audit('token.create', { token: made.id });
      return { made, userId: id, username };
    });
    if (done === undefined) {
      throw new ProblemError(
        'command-login-failed',
        'The code is unknown, was used before, or is older than two minutes. Run trisiel login again.',
      );
    }
    if (done instanceof ProblemError) throw done;
    const { made, userId, username } = done;
    return { token: await signStoredToken(services, userId, made), username, ...viewToken(made) };
  },
});

function refuseLocked(lockedAt: Date | null): ProblemError | undefined {
  return lockedAt === null
    ? undefined
    : new ProblemError(
        'account-locked',
        'The account is locked. Contact the operator of this server.',
      );
}

function refuseVerifier(verifier: string, challenge: string): ProblemError | undefined {
  const found = createHash('sha256').update(verifier).digest();
  const wanted = Buffer.from(challenge, 'base64url');
  return found.length === wanted.length && timingSafeEqual(found, wanted)
    ? undefined
    : new ProblemError(
        'command-login-failed',
        'The verifier does not match the code, which is used up now. Run trisiel login again.',
      );
}
