/**
 * A fake issuer, for wrong answers and users with chosen subjects, which a real one does not provide. It has Gitea's
 * endpoints; `real-issuers.test.ts` signs in with a real Gitea.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import { atEnd } from '../at-end.ts';
import type { Browser } from './api-server.ts';

export interface StandInOptions {
  readonly username?: string;
  /** Returns claims of the ID token that replace the right ones. */
  readonly claims?: (right: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** Error with which the token endpoint refuses. */
  readonly refusal?: { readonly error: string; readonly error_description: string };
  /** Members of a discovery document. Default: there is no document, and the three endpoints are configured. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface StandInIssuer {
  readonly origin: string;
  readonly env: Readonly<Record<string, string>>;
  /** Number of codes that were exchanged with the right PKCE verifier. */
  usedVerifiers(): number;
  /** How the client authenticated at the token endpoint, per request. */
  readonly authentications: readonly ('client_secret_basic' | 'client_secret_post' | 'none')[];
}

/**
 * Starts an issuer with Gitea's endpoints at /login/oauth/: authorize, access_token, userinfo. Its ID tokens name it
 * without a final slash.
 */
export async function startStandIn(
  t: TestContext,
  options: StandInOptions = {},
): Promise<StandInIssuer> {
  const { username = 'gitea-ada', claims = (right) => right, refusal, metadata } = options;
  const clientId = 'gitea-client';
  const clientSecret = 'gitea-secret';
  const codes = new Map<string, { challenge: string; redirect: string; nonce: string | null }>();
  const tokens = new Set<string>();
  const authentications: StandInIssuer['authentications'][number][] = [];
  let used = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://gitea');
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (metadata !== undefined && url.pathname === '/.well-known/openid-configuration') {
      const issuer = `http://${request.headers.host}`;
      return send(200, { issuer, ...endpointsOf(issuer), ...metadata });
    }
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
        const [id, secret] = readBasic(request.headers.authorization);
        const isBasic = id === clientId && secret === clientSecret;
        const isPost =
          form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
        authentications.push(
          isBasic ? 'client_secret_basic' : isPost ? 'client_secret_post' : 'none',
        );
        const isClient = isBasic !== isPost;
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
    authentications,
    env: {
      OIDC_ISSUER: `${origin}/`,
      OIDC_CLIENT_ID: clientId,
      OIDC_CLIENT_SECRET: clientSecret,
      ...(metadata === undefined
        ? Object.fromEntries(
            Object.entries(endpointsOf(origin)).map(([name, url]) => [
              `OIDC_${name.toUpperCase()}`,
              url,
            ]),
          )
        : {}),
      ADMINS: 'root, gitea-ada',
    },
  };
}

function endpointsOf(origin: string): Record<string, string> {
  return {
    authorization_endpoint: `${origin}/login/oauth/authorize`,
    token_endpoint: `${origin}/login/oauth/access_token`,
    userinfo_endpoint: `${origin}/login/oauth/userinfo`,
  };
}

/** Reads id and secret from an Authorization header, which clients percent-encode (RFC 6749, section 2.3.1). */
function readBasic(header = ''): readonly string[] {
  const [, credentials = ''] = /^Basic (.+)$/.exec(header) ?? [];
  return Buffer.from(credentials, 'base64').toString().split(':').map(decodeURIComponent);
}

function claimsOf(audience: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return { aud: audience, sub: '7', iat: now, exp: now + 3600 };
}

/** Returns an ID token. It comes directly from the token endpoint, so its signature is not checked. */
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

/** Signs in with a fake issuer; must end at `returnTo`. */
export async function followSignIn(
  browser: Browser,
  issuer: string,
  returnTo: string,
): Promise<void> {
  const login = await browser.send('GET', `/login?returnTo=${encodeURIComponent(returnTo)}`);
  const authorize = login.headers.get('location') ?? '';
  assert.ok(authorize.startsWith(`${issuer}/login/oauth/authorize?`), authorize);
  const answer = await fetch(authorize, { redirect: 'manual' });
  const end = await browser.send('GET', answer.headers.get('location') ?? '');
  assert.deepEqual([end.status, end.headers.get('location')], [302, returnTo], end.text);
}

/** Signs in up to the issuer's redirect, and returns its URL. */
export async function beginSignIn(browser: Browser, returnTo = '/'): Promise<string> {
  const login = await browser.send('GET', `/login?returnTo=${encodeURIComponent(returnTo)}`);
  const answer = await fetch(login.headers.get('location') ?? '', { redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}
