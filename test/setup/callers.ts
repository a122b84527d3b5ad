/** Every kind of caller of the API, with its credentials. */
import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import type { TestContext } from 'node:test';
import { generateKeyPair, SignJWT } from 'jose';
import { KeyRing } from '../../server/auth/keys.ts';
import { SCOPE_NAMES, type Scope } from '../../server/auth/scopes.ts';
import { newSecret } from '../../server/auth/session.ts';
import { signToken } from '../../server/auth/tokens.ts';
import type { Route } from '../../server/api/route.ts';
import { insertHandler } from '../../server/db/handlers/handlers.ts';
import { insertSession } from '../../server/db/accounts/sessions.ts';
import { insertToken, revokeToken } from '../../server/db/accounts/tokens.ts';
import { updateUser, upsertUser } from '../../server/db/accounts/users.ts';
import { startApi, type ApiServer } from './servers/api-server.ts';
import type { TestDatabases } from './servers/databases.ts';

interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
}

export interface World {
  readonly api: ApiServer;
  readonly handler: { readonly id: string; readonly name: string };
  readonly badTokens: readonly string[];
  credentials(kind: string): Credentials;
  fetch(
    route: Route,
    credentials: Credentials,
    handler: string,
  ): Promise<{ status: number; code: unknown }>;
  ask(route: Route, credentials: Credentials, handler: string): Promise<string>;
  /** Returns the complete state of the owner's handler. */
  snapshot(): Promise<unknown>;
}

const HOUR_MS = 3_600_000;

/** @param bodies the body for each endpoint is the third value of its row */
export async function makeWorld(
  t: TestContext,
  databases: TestDatabases,
  bodies: Readonly<Record<string, readonly unknown[]>>,
): Promise<World> {
  const db = await databases.migrated(t);
  assert.ok(db);
  const api = await startApi(t, db);
  const { origin } = api;
  const keys = new KeyRing(db, api.sealer, clock);
  const credentials = new Map<string, Credentials>();

  const makeUser = async (
    name: string,
    change: Parameters<typeof updateUser>[2],
    isAdmin = false,
  ): Promise<string> => {
    const { id } = await upsertUser(db, {
      issuer: 'test',
      subject: name,
      username: name,
      email: null,
      isAdmin,
    });
    await updateUser(db, id, change);
    return id;
  };
  const makeSession = async (userId: string): Promise<Credentials> => {
    const { secret, digest } = newSecret();
    await insertSession(db, {
      userId,
      secretDigest: digest,
      expiresAt: new Date(Date.now() + HOUR_MS),
    });
    return { headers: { cookie: `trisiel_session=${secret}` } };
  };
  const makeToken = async (
    userId: string,
    scopes: readonly Scope[],
    lifeMs = HOUR_MS,
  ): Promise<{ id: string; text: string }> => {
    const id = randomUUIDv7();
    const expiresAt = new Date(Date.now() + lifeMs);
    await insertToken(db, { id, userId, name: 'test', scopes, expiresAt });
    const issuedAt = new Date(expiresAt.getTime() - HOUR_MS);
    return {
      id,
      text: await signToken(
        { keys, origin, clock },
        { jti: id, userId, scopes, issuedAt, expiresAt },
      ),
    };
  };

  const admin = await makeUser('admin-user', { tier: 2 }, true);
  const locked = await makeUser(
    'locked-user',
    { tier: 2, lockedAt: new Date(), lockedReason: 'spam' },
    true,
  );
  credentials.set('none', { headers: {} });
  credentials.set('an invalid cookie', { headers: { cookie: 'trisiel_session=AAAA' } });
  credentials.set('locked', await makeSession(locked));
  credentials.set('locked, by token', bearer((await makeToken(locked, SCOPE_NAMES)).text));
  for (const tier of [0, 1, 2])
    credentials.set(`tier ${tier}`, await makeSession(await makeUser(`tier-${tier}`, { tier })));
  credentials.set('admin', await makeSession(admin));
  for (const scope of SCOPE_NAMES)
    credentials.set(`scope ${scope}`, bearer((await makeToken(admin, [scope])).text));

  const good = await makeToken(admin, SCOPE_NAMES);
  const revoked = await makeToken(admin, SCOPE_NAMES);
  await revokeToken(db, admin, revoked.id, new Date());
  const [head = '', body = '', signature = ''] = good.text.split('.');
  const { kid } = await keys.signer();
  const stranger = await generateKeyPair('EdDSA');
  const forge = (claims: { jti?: string; userId?: string }, issuer = origin): Promise<string> => {
    const issuedAt = new Date();
    const expiresAt = new Date(issuedAt.getTime() + HOUR_MS);
    const usual = { jti: good.id, userId: admin, scopes: SCOPE_NAMES, issuedAt, expiresAt };
    return signToken({ keys, origin: issuer, clock }, { ...usual, ...claims });
  };
  const bad: Record<string, string> = {
    expired: (await makeToken(admin, SCOPE_NAMES, -1000)).text,
    revoked: revoked.text,
    'wrong key': await new SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
      .setIssuer(origin)
      .setAudience(origin)
      .setSubject(admin)
      .setJti(good.id)
      .setExpirationTime('1h')
      .sign(stranger.privateKey),
    'unknown kid': `${encode({ alg: 'EdDSA', typ: 'at+jwt', kid: 'none' })}.${body}.${signature}`,
    'alg none': `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${body}.`,
    'alg none, signed': `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${body}.${signature}`,
    'alg HS256': `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${body}.${signature}`,
    'another user’s jti': await forge({ userId: locked }),
    'an unknown jti': await forge({ jti: randomUUIDv7() }),
    'for another server': await forge({}, 'https://other.example'),
    'cut off': `${head}.${body}.${signature.slice(0, -8)}`,
    garbage: 'garbage',
    'too long': `${'a'.repeat(5000)}.b.c`,
  };
  for (const [kind, text] of Object.entries(bad)) credentials.set(kind, bearer(text));
  credentials.set('basic', { headers: { authorization: 'Basic YWRtaW46YWRtaW4=' } });
  // A valid session does not make up for an invalid token.
  credentials.set('revoked, with a session', {
    headers: { ...credentials.get('admin')?.headers, authorization: `Bearer ${revoked.text}` },
  });

  const owner = await makeUser('owner', { tier: 1 });
  const handler = await insertHandler(db, {
    ownerId: owner,
    name: 'owned',
    description: '',
    mode: 'sync',
    isPrivate: false,
  });
  assert.ok(handler);

  const send = async (
    route: Route,
    { headers }: Credentials,
    name: string,
  ): Promise<{ status: number; code: unknown }> => {
    const path = route.path
      .replace(':handler', name)
      .replace(':version', '1')
      .replace(':key', 'KEY')
      .replace(/:\w+/, randomUUIDv7());
    const content = bodies[nameOf(route)]?.[2];
    const isUpload = route.takesModule === true;
    const ended = new AbortController();
    const response = await fetch(`${origin}${path}`, {
      method: route.method,
      redirect: 'manual',
      signal: ended.signal,
      headers: {
        ...headers,
        ...(isUpload ? { 'content-type': 'application/wasm' } : {}),
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(isUpload ? { body: Uint8Array.of(0) } : {}),
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    });
    const isProblem =
      response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    const problem: unknown = isProblem ? await response.json() : {};
    // A stream would never end.
    ended.abort();
    const code =
      typeof problem === 'object' && problem !== null && 'code' in problem
        ? problem.code
        : undefined;
    assert.ok(response.status < 500, `${nameOf(route)}: ${response.status}`);
    return { status: response.status, code };
  };

  return {
    api,
    handler,
    badTokens: [...Object.keys(bad), 'basic', 'revoked, with a session'],
    credentials(kind) {
      const known = credentials.get(kind) ?? assert.fail(`no credentials of ${kind}`);
      return { headers: { origin, ...known.headers } };
    },
    fetch: send,
    async ask(route, given, name) {
      const { status, code } = await send(route, given, name);
      return status === 401 || (status === 403 && code !== 'limit-reached') ? String(code) : 'in';
    },
    snapshot: () =>
      db.query(
        `select handlers.*, (select count(*) from config_values where handler_id = handlers.id) as keys,
           (select count(*) from versions where handler_id = handlers.id) as versions
         from handlers where id = $1`,
        [handler.id],
      ),
  };
}

const clock = (): Date => new Date();

function bearer(text: string): Credentials {
  return { headers: { authorization: `Bearer ${text}` } };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export function nameOf({ method, path }: Route): string {
  return `${method} ${path}`;
}
