/**
 * The local OpenID provider, in place of the one used in production (such as Gitea), so that signing in works on one
 * machine without installing anything. It asks for a name but no password: the configuration allows it only on loopback.
 */
import type { FastifyInstance } from 'fastify';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { IssuerSettings } from '../../config.ts';
import { createIssuerMemory } from './local-issuer-memory.ts';
import { PAGE_POLICY } from './pages.ts';
import { CALLBACK_PATH } from './sign-in.ts';
import { signInPage } from './sign-in-page.ts';

const MOUNT = '/oidc';
const NAME = /^[a-z0-9][a-z0-9._-]{0,38}$/i;
/** Maximum size of a submitted form. */
const FORM_BYTES = 4096;

/** Client settings for the local issuer. The secret is new in each process. */
export function localIssuerSettings(webOrigin: string): IssuerSettings {
  return {
    issuer: `${webOrigin}${MOUNT}`,
    clientId: 'trisiel',
    clientSecret: randomBytes(24).toString('base64url'),
    scope: 'openid profile email',
    // This process makes it at the first request, which takes long on a busy machine.
    timeoutSeconds: 60,
  };
}

/** Serves everything below `/oidc`. The provider is created on the first request, because loading it is slow. */
export function addLocalIssuer(
  app: FastifyInstance,
  webOrigin: string,
  settings: IssuerSettings,
): void {
  let made: Promise<Provider> | undefined;
  const provider = (): Promise<Provider> => {
    made ??= makeProvider(webOrigin, settings);
    return made;
  };
  app.register(async (scope) => {
    // The provider reads bodies itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.all(`${MOUNT}/*`, { config: { isOpen: true } }, async (request, reply) => {
      const issuer = await provider();
      reply.hijack();
      reply.raw.setHeader('cache-control', 'no-store');
      const { raw } = request;
      const path = (raw.url ?? '').slice(MOUNT.length);
      const interaction = /^\/interaction\/[\w-]+$/.exec(path);
      if (interaction !== null) return interact(issuer, raw, reply.raw);
      // Every sign-in asks for a name, so that a user can sign out and choose another.
      raw.headers.cookie = withoutSession(raw.headers.cookie);
      Object.assign(raw, { originalUrl: raw.url, url: path });
      await issuer.callback()(raw, reply.raw);
    });
  });
}

async function makeProvider(webOrigin: string, settings: IssuerSettings): Promise<Provider> {
  const [{ Provider }, { exportJWK, generateKeyPair }] = await Promise.all([
    import('oidc-provider'),
    import('jose'),
  ]);
  // An RSA key would take up to a second of CPU.
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const provider = new Provider(settings.issuer, {
    adapter: createIssuerMemory(),
    clients: [
      {
        client_id: settings.clientId,
        client_secret: settings.clientSecret,
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
        redirect_uris: [`${webOrigin}${CALLBACK_PATH}`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'ES256' }] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    claims: {
      openid: ['sub'],
      profile: ['preferred_username'],
      email: ['email', 'email_verified'],
    },
    interactions: { url: (_ctx, interaction) => `${MOUNT}/interaction/${interaction.uid}` },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        preferred_username: id,
        email: `${id}@localhost`,
        email_verified: true,
      }),
    }),
    // The only client is this server itself, so no consent is needed.
    async loadExistingGrant(ctx) {
      const { client, session } = ctx.oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new ctx.oidc.provider.Grant({
        clientId: client.clientId,
        accountId: session.accountId,
      });
      grant.addOIDCScope(settings.scope);
      await grant.save();
      return grant;
    },
    ttl: {
      Session: 600,
      Interaction: 600,
      Grant: 600,
      AccessToken: 600,
      AuthorizationCode: 60,
      IdToken: 600,
    },
  });
  return provider;
}

/** Shows the page that asks for a name, and handles its form. */
async function interact(
  issuer: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await issuer.interactionDetails(request, response);
  } catch {
    return sendPage(response, 400, signInPage('This sign-in has ended. Go back and begin again.'));
  }
  if (request.method !== 'POST') return sendPage(response, 200, signInPage());
  const name = (await readForm(request)).get('name')?.trim().toLowerCase() ?? '';
  if (!NAME.test(name)) {
    const rule =
      'A name has 1 to 39 letters, digits, dots, hyphens or underscores, and begins with a letter or digit.';
    return sendPage(response, 400, signInPage(rule));
  }
  await issuer.interactionFinished(request, response, {
    login: { accountId: name, remember: false },
  });
}

/** Removes the provider's session cookie. */
function withoutSession(cookies = ''): string {
  return cookies
    .split(';')
    .filter((pair) => !/^\s*_session(\.[\w.]+)?=/.test(pair))
    .join(';');
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PAGE_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    })
    .end(html);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > FORM_BYTES) return new URLSearchParams();
    chunks.push(piece);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
