/**
 * A stand-in for an issuer, for what a real one does not do on request: wrong answers, and users with chosen subjects.
 * It has Gitea's endpoints and no discovery document; `real-issuers.test.ts` signs in with a real Gitea.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import { atEnd } from '../at-end.ts';

export interface StandInOptions {
  readonly username?: string;
  /** Claims of the ID token in place of the right ones. */
  readonly claims?: (right: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** The token endpoint refuses with this. */
  readonly refusal?: { readonly error: string; readonly error_description: string };
}

export interface StandInIssuer {
  readonly origin: string;
  readonly env: Readonly<Record<string, string>>;
  /** Codes that were given up for the right PKCE verifier. */
  usedVerifiers(): number;
}

/** Has what Gitea has at /login/oauth/…: authorize, access_token, userinfo. Its ID tokens name it without a final slash. */
export async function startStandIn(
  t: TestContext,
  options: StandInOptions = {},
): Promise<StandInIssuer> {
  const { username = 'gitea-ada', claims = (right) => right, refusal } = options;
  const clientId = 'gitea-client';
  const clientSecret = 'gitea-secret';
  const codes = new Map<string, { challenge: string; redirect: string; nonce: string | null }>();
  const tokens = new Set<string>();
  let used = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://gitea');
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (url.pathname === '/login/oauth/authorize') {
      const query = url.searchParams;
      const redirect = query.get('redirect_uri') ?? '';
      if (query.get('client_id') !== clientId || query.get('code_challenge_method') !== 'S256')
        return send(400, {});
      const code = randomBytes(8).toString('hex');
      codes.set(code, {
        challenge: query.get('code_challenge') ?? '',
        redirect,
        nonce: query.get('nonce'),
      });
      response
        .writeHead(302, { location: `${redirect}?code=${code}&state=${query.get('state') ?? ''}` })
        .end();
      return undefined;
    }
    if (url.pathname === '/login/oauth/access_token' && request.method === 'POST') {
      void readForm(request).then((form) => {
        const code = codes.get(form.get('code') ?? '');
        codes.delete(form.get('code') ?? '');
        const challenge = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        const isClient =
          form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
        if (
          code === undefined ||
          !isClient ||
          code.challenge !== challenge ||
          code.redirect !== form.get('redirect_uri')
        ) {
          return send(400, { error: 'invalid_grant' });
        }
        if (refusal !== undefined) return send(401, refusal);
        used += 1;
        const token = randomBytes(8).toString('hex');
        tokens.add(token);
        const issuer = `http://${request.headers.host}`;
        return send(200, {
          access_token: token,
          token_type: 'bearer',
          expires_in: 3600,
          id_token: idToken(claims({ iss: issuer, nonce: code.nonce, ...claimsOf(clientId) })),
        });
      });
      return undefined;
    }
    if (url.pathname === '/login/oauth/userinfo') {
      const isKnown = tokens.has(
        /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '',
      );
      return isKnown
        ? send(200, {
            sub: '7',
            name: 'Ada',
            preferred_username: username,
            email: 'ada@example.org',
            picture: '',
            groups: null,
          })
        : send(401, {});
    }
    return send(404, {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  atEnd(t, () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    usedVerifiers: () => used,
    env: {
      OIDC_ISSUER: `${origin}/`,
      OIDC_CLIENT_ID: clientId,
      OIDC_CLIENT_SECRET: clientSecret,
      OIDC_AUTHORIZATION_ENDPOINT: `${origin}/login/oauth/authorize`,
      OIDC_TOKEN_ENDPOINT: `${origin}/login/oauth/access_token`,
      OIDC_USERINFO_ENDPOINT: `${origin}/login/oauth/userinfo`,
      ADMINS: 'root, gitea-ada',
    },
  };
}

function claimsOf(audience: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return { aud: audience, sub: '7', iat: now, exp: now + 3600 };
}

/** Straight from the token endpoint, so that nobody reads the signature. */
function idToken(claims: Readonly<Record<string, unknown>>): string {
  const parts = [{ alg: 'RS256' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return [...parts, 'c2lnbmF0dXJl'].join('.');
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}
