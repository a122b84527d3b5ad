/** Signing in, with the local issuer and with one that has Gitea's endpoints and no discovery; and what is refused. */
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { Housekeeper } from '../../server/api/housekeeping/housekeeper.ts';
import { findFreePort } from '../../scripts/services/free-port.ts';
import { Browser, field, startApi } from '../setup/servers/api-server.ts';
import { onPglite } from '../setup/servers/databases.ts';
import { startStandIn, type StandInOptions } from '../setup/servers/stand-in-issuer.ts';

suite('signing in', () => {
  const databases = onPglite();
  const migrated = async (t: TestContext) =>
    (await databases.migrated(t)) ?? assert.fail('no database');

  test('works with configured endpoints, bound by PKCE, without the local issuer', async (t) => {
    const issuer = await startStandIn(t);
    const api = await startApi(t, await migrated(t), { env: issuer.env });
    const browser = new Browser(api.origin);
    await followSignIn(browser, issuer.origin, '/panel/');
    const me = await browser.send('GET', '/api/whoami');
    assert.deepEqual(
      [field(me.body, 'username'), field(me.body, 'email'), field(me.body, 'isAdmin')],
      ['gitea-ada', 'ada@example.org', true],
    );
    assert.equal(issuer.usedVerifiers(), 1, 'the code was bound by PKCE');
    assert.equal(
      (await browser.send('GET', '/oidc/.well-known/openid-configuration')).status,
      404,
      'the local issuer is off',
    );
  });

  test('makes an administrator of whom the setting names alone, and of nobody who is called like a subject', async (t) => {
    const db = await migrated(t);
    const isAdmin = async (admins: string, username?: string): Promise<unknown> => {
      const issuer = await startStandIn(t, username === undefined ? {} : { username });
      const api = await startApi(t, db, { env: { ...issuer.env, ADMINS: admins } });
      const browser = new Browser(api.origin);
      await followSignIn(browser, issuer.origin, '/');
      return field((await browser.send('GET', '/api/whoami')).body, 'isAdmin');
    };
    assert.deepEqual(
      [
        await isAdmin('root,sub:7'),
        await isAdmin('root,sub:8'),
        await isAdmin('root,sub:8', 'sub:8'),
        await isAdmin('root,7'),
      ],
      [true, false, false, false],
    );
  });

  test('does not keep the rights of an administrator whom the setting names no more', async (t) => {
    const db = await migrated(t);
    const issuer = await startStandIn(t);
    const api = await startApi(t, db, { env: issuer.env });
    const browser = new Browser(api.origin);
    await followSignIn(browser, issuer.origin, '/');
    const { store, sealer } = api;
    const tidy = (admins: readonly string[]): Promise<unknown> =>
      new Housekeeper({
        db,
        store,
        sealer,
        keepDays: 0,
        admins,
        log: pino({ enabled: false }),
      }).round();
    await tidy(['other', 'sub:7']);
    const users = await browser.send('GET', '/api/users');
    assert.match(users.text, /"subject":"7"/);
    await tidy(['other', 'sub:8']);
    assert.equal((await browser.send('GET', '/api/users')).status, 403);
  });

  test('is refused without the browser’s own cookie, with a changed state, and when it took too long', async (t) => {
    const issuer = await startStandIn(t);
    const api = await startApi(t, await migrated(t), { env: issuer.env });
    const victim = new Browser(api.origin);
    await refused(victim, await begin(new Browser(api.origin)));
    const changed = new Browser(api.origin);
    await refused(changed, (await begin(changed)).replace(/state=[^&]+/, 'state=other'));
    const failed = new Browser(api.origin);
    const state = (await begin(failed)).replace(/^.*(state=[^&]+).*$/, '$1');
    await refused(failed, `/login/callback?error=access_denied&${state}`);
    await refused(failed, '/login/callback?error=access_denied&state=x');
    const late = new Browser(api.origin);
    const callback = await begin(late);
    api.pass(11 * 60_000);
    await refused(late, callback);
    await refused(new Browser(api.origin), '/login/callback');
  });

  test('takes a code once', async (t) => {
    const issuer = await startStandIn(t);
    const api = await startApi(t, await migrated(t), { env: issuer.env });
    const browser = new Browser(api.origin);
    const login = await browser.send('GET', '/login');
    const memory = new Map(browser.cookies);
    const answer = await fetch(login.headers.get('location') ?? '', { redirect: 'manual' });
    const callback = answer.headers.get('location') ?? '';
    assert.equal((await browser.send('GET', callback)).status, 302);
    const thief = new Browser(api.origin);
    for (const [name, value] of memory) thief.cookies.set(name, value);
    assert.equal((await thief.send('GET', callback)).status, 400);
  });

  test('ends at a path of this server, wherever it was told to go', async (t) => {
    const api = await startApi(t, await migrated(t));
    const targets = [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example',
      'javascript:alert(1)',
      '/a\r\nset-cookie: x=y',
      '/%0d%0aa',
    ];
    for (const target of targets) {
      const browser = new Browser(api.origin);
      const end = await signInTo(browser, target);
      assert.ok(end.startsWith('/') && !/^\/[/\\]/.test(end), `${target} ends at ${end}`);
    }
  });

  test('gives a cookie that no script reads and no other site sends', async (t) => {
    const api = await startApi(t, await migrated(t));
    const browser = new Browser(api.origin);
    await browser.signIn('ada');
    const login = await browser.send('GET', '/login');
    for (const cookie of login.headers.getSetCookie())
      assert.match(cookie, /; HttpOnly; SameSite=Lax/);
    const secure = await startApi(t, api.db, {
      env: {
        ...(await startStandIn(t)).env,
        WEB_ORIGIN: 'https://api.example.org',
        RUN_ORIGIN: 'https://run.example.org',
      },
    });
    const reply = await fetch(`http://127.0.0.1:${secure.port}/login`, { redirect: 'manual' });
    assert.match(reply.headers.getSetCookie().join(), /; Secure/);
    assert.match(reply.headers.get('strict-transport-security') ?? '', /max-age/);
  });

  test('takes both spellings of the issuer’s name, and no other name', async (t) => {
    const db = await migrated(t);
    for (const [configured, named, ends] of [
      ['/', '', 302],
      ['', '/', 302],
      ['/', '/', 302],
      ['', '', 302],
      ['/', '//', 502],
      ['', '/other', 502],
      ['/git/', '', 502],
    ] as const) {
      const issuer = await startStandIn(t, {
        claims: (right) => ({ ...right, iss: `${String(right['iss'])}${named}` }),
      });
      const env = { ...issuer.env, OIDC_ISSUER: `${issuer.origin}${configured}` };
      const api = await startApi(t, db, { env });
      const browser = new Browser(api.origin);
      const reply = await browser.send('GET', await begin(browser));
      assert.equal(reply.status, ends, `${configured} ${named}: ${reply.text}`);
    }
  });

  test('takes no ID token without the nonce of this sign-in, and logs why', async (t) => {
    const db = await migrated(t);
    for (const claims of [
      (right) => ({ ...right, nonce: 'that of an earlier grant' }),
      ({ nonce: _nonce, ...rest }) => rest,
    ] satisfies StandInOptions['claims'][]) {
      const api = await startApi(t, db, { env: (await startStandIn(t, { claims })).env });
      const browser = new Browser(api.origin);
      const reply = await browser.send('GET', await begin(browser));
      assert.ok(reply.status >= 400, reply.text);
      assert.match(api.logged(), /the sign-in failed: .*nonce/);
    }
  });

  test('logs the cause of a refusal, and no secret that the issuer repeats', async (t) => {
    const refusal = {
      error: 'invalid_client',
      error_description: 'no client has the secret gitea-secret',
    };
    const issuer = await startStandIn(t, { refusal });
    const api = await startApi(t, await migrated(t), { env: issuer.env });
    const browser = new Browser(api.origin);
    const callback = await begin(browser);
    const reply = await browser.send('GET', callback);
    assert.deepEqual([reply.status, field(reply.body, 'code')], [502, 'provider-failed']);
    const logged = api.logged();
    assert.match(logged, /invalid_client: no client has the secret \[redacted\]/);
    const { searchParams } = new URL(callback, api.origin);
    for (const secret of ['gitea-secret', searchParams.get('code'), searchParams.get('state')]) {
      assert.ok(secret !== null && !logged.includes(secret), 'the log holds no secret');
    }
  });

  test('shows a person a page with the next step, and a program a problem', async (t) => {
    const issuer = await startStandIn(t);
    const api = await startApi(t, await migrated(t), { env: issuer.env });
    const browser = new Browser(api.origin);
    for (const [path, status] of [
      ['/login/callback?error=access_denied&state=<script>', 400],
      ['/login/callback?code=x&state=x', 400],
      [`/login?returnTo=${'a'.repeat(2000)}`, 400],
    ] as const) {
      const page = await browser.send('GET', path, { headers: { accept: 'text/html,*/*;q=0.8' } });
      assert.equal(page.status, status);
      assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
      assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'/);
      assert.match(page.text, /href="\/login\?returnTo=%2Fpanel%2F">Sign in again</);
      assert.doesNotMatch(page.text, /<script/);
      const problem = await browser.send('GET', path);
      assert.match(problem.headers.get('content-type') ?? '', /^application\/problem\+json/);
    }
  });

  test('in two tabs ends in each where it was begun for', async (t) => {
    const issuer = await startStandIn(t);
    const api = await startApi(t, await migrated(t), { env: issuer.env });
    const browser = new Browser(api.origin);
    const first = await begin(browser, '/panel/tokens');
    const second = await begin(browser, '/panel/usage');
    const ends = [];
    for (const tab of [second, first]) {
      const reply = await browser.send('GET', tab);
      ends.push(reply.headers.get('location'));
    }
    assert.deepEqual(ends, ['/panel/usage', '/panel/tokens']);
    // A reload of either, whose code is used up, leads on with the session that stands.
    const session = browser.cookies.get('trisiel_session');
    const again = await browser.send('GET', first);
    assert.deepEqual([again.status, again.headers.get('location')], [302, '/panel/']);
    assert.equal(browser.cookies.get('trisiel_session'), session);
    // Also a tab that was left for too long, which knows where it was going.
    const late = await begin(browser, '/panel/apply');
    api.pass(11 * 60_000);
    assert.equal((await browser.send('GET', late)).headers.get('location'), '/panel/apply');
  });

  test('keeps a bounded number of sign-ins that are under way, the newest', async (t) => {
    const issuer = await startStandIn(t);
    const api = await startApi(t, await migrated(t), { env: issuer.env });
    const browser = new Browser(api.origin);
    browser.cookies.set('trisiel_sign_in_planted', 'x');
    for (let tab = 0; tab < 12; tab += 1) {
      await begin(browser, '/panel/');
      api.pass(1000);
    }
    assert.equal(browser.cookies.size, 8);
    assert.equal(browser.cookies.has('trisiel_sign_in_planted'), false);
    const last = await begin(browser, `/${'a'.repeat(900)}`);
    for (let tab = 0; tab < 3; tab += 1) await begin(browser, `/${'b'.repeat(900)}`);
    const bytes = [...browser.cookies].reduce(
      (sum, [name, { length }]) => sum + name.length + length,
      0,
    );
    assert.ok(bytes <= 4200, `${bytes} bytes of cookies`);
    assert.ok(browser.cookies.size >= 2);
    await refused(browser, last);
  });

  test('says so when the issuer is away, and nothing of where it is', async (t) => {
    const port = await findFreePort();
    const env = { ...(await startStandIn(t)).env };
    const api = await startApi(t, await migrated(t), {
      env: {
        OIDC_ISSUER: `http://127.0.0.1:${port}`,
        OIDC_CLIENT_ID: env['OIDC_CLIENT_ID'] ?? '',
        OIDC_CLIENT_SECRET: 'secret',
      },
    });
    const reply = await new Browser(api.origin).send('GET', '/login');
    assert.deepEqual([reply.status, field(reply.body, 'code')], [502, 'provider-failed']);
    assert.doesNotMatch(reply.text, new RegExp(String(port)), 'nothing of the inside is told');
    assert.match(api.logged(), /the discovery of the issuer failed: .*ECONNREFUSED/);
  });
});

/** Goes to `target` after signing in with the local issuer; returns where the browser ended up. */
async function signInTo(browser: Browser, target: string): Promise<string> {
  let reply = await browser.send('GET', `/login?returnTo=${encodeURIComponent(target)}`);
  for (let step = 0; step < 12; step += 1) {
    const location = reply.headers.get('location');
    assert.ok(location, reply.text);
    if (!/\/oidc\/|\/login\/callback/.test(location)) return location;
    reply = await browser.send('GET', location);
    if (reply.text.includes('name="name"')) {
      reply = await browser.send('POST', location, {
        body: 'name=ada',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    }
  }
  return assert.fail('signing in went round in circles');
}

async function followSignIn(browser: Browser, issuer: string, returnTo: string): Promise<void> {
  const login = await browser.send('GET', `/login?returnTo=${encodeURIComponent(returnTo)}`);
  const authorize = login.headers.get('location') ?? '';
  assert.ok(authorize.startsWith(`${issuer}/login/oauth/authorize?`), authorize);
  const answer = await fetch(authorize, { redirect: 'manual' });
  const end = await browser.send('GET', answer.headers.get('location') ?? '');
  assert.deepEqual([end.status, end.headers.get('location')], [302, returnTo], end.text);
}

/** Up to where the issuer sends the browser back. */
async function begin(browser: Browser, returnTo = '/'): Promise<string> {
  const login = await browser.send('GET', `/login?returnTo=${encodeURIComponent(returnTo)}`);
  const answer = await fetch(login.headers.get('location') ?? '', { redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

async function refused(browser: Browser, target: string): Promise<void> {
  const reply = await browser.send('GET', target);
  assert.deepEqual([reply.status, field(reply.body, 'code')], [400, 'sign-in-failed'], reply.text);
  assert.equal((await browser.send('GET', '/api/whoami')).status, 401);
}
