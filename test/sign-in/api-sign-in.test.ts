/** Signing in with a browser: cookies, tabs, pages, administrators, and refused attempts. */
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { Housekeeper } from '../../server/api/housekeeping/housekeeper.ts';
import { Browser, field, startApi } from '../setup/servers/api-server.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import { beginSignIn, followSignIn, startStandIn } from '../setup/servers/stand-in-issuer.ts';

suite('signing in', () => {
  const databases = onAnyDatabase();
  const migrated = async (t: TestContext) =>
    (await databases.migrated(t)) ?? assert.fail('no database');

  test('makes only the users in ADMINS administrators, and nobody whose name equals a subject', async (t) => {
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

  test('revokes the rights of an administrator who was removed from ADMINS', async (t) => {
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

  test('is refused without the browser’s cookie, with a changed state, and after the time limit', async (t) => {
    const issuer = await startStandIn(t);
    const api = await startApi(t, await migrated(t), { env: issuer.env });
    const victim = new Browser(api.origin);
    await refused(victim, await beginSignIn(new Browser(api.origin)));
    const changed = new Browser(api.origin);
    await refused(changed, (await beginSignIn(changed)).replace(/state=[^&]+/, 'state=other'));
    const failed = new Browser(api.origin);
    const state = (await beginSignIn(failed)).replace(/^.*(state=[^&]+).*$/, '$1');
    await refused(failed, `/login/callback?error=access_denied&${state}`);
    await refused(failed, '/login/callback?error=access_denied&state=x');
    const late = new Browser(api.origin);
    const callback = await beginSignIn(late);
    api.pass(11 * 60_000);
    await refused(late, callback);
    await refused(new Browser(api.origin), '/login/callback');
  });

  test('accepts a code once', async (t) => {
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

  test('ends at a path of this server, whatever the requested target', async (t) => {
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

  test('sets a cookie that scripts cannot read and other sites cannot send', async (t) => {
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

  test('shows a browser a page with the next step, and a program a problem document', async (t) => {
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

  test('in two tabs ends at the requested page in each', async (t) => {
    const issuer = await startStandIn(t);
    const api = await startApi(t, await migrated(t), { env: issuer.env });
    const browser = new Browser(api.origin);
    const first = await beginSignIn(browser, '/panel/tokens');
    const second = await beginSignIn(browser, '/panel/usage');
    const ends = [];
    for (const tab of [second, first]) {
      const reply = await browser.send('GET', tab);
      ends.push(reply.headers.get('location'));
    }
    assert.deepEqual(ends, ['/panel/usage', '/panel/tokens']);
    // Reloading either tab, whose code is used up, continues with the existing session.
    const session = browser.cookies.get('trisiel_session');
    const again = await browser.send('GET', first);
    assert.deepEqual([again.status, again.headers.get('location')], [302, '/panel/']);
    assert.equal(browser.cookies.get('trisiel_session'), session);
    // So does a tab that was left open for too long, which still knows its target.
    const late = await beginSignIn(browser, '/panel/apply');
    api.pass(11 * 60_000);
    assert.equal((await browser.send('GET', late)).headers.get('location'), '/panel/apply');
  });

  test('keeps a limited number of pending sign-ins, the newest', async (t) => {
    const issuer = await startStandIn(t);
    const api = await startApi(t, await migrated(t), { env: issuer.env });
    const browser = new Browser(api.origin);
    browser.cookies.set('trisiel_sign_in_planted', 'x');
    for (let tab = 0; tab < 12; tab += 1) {
      await beginSignIn(browser, '/panel/');
      api.pass(1000);
    }
    assert.equal(browser.cookies.size, 8);
    assert.equal(browser.cookies.has('trisiel_sign_in_planted'), false);
    const last = await beginSignIn(browser, `/${'a'.repeat(900)}`);
    for (let tab = 0; tab < 3; tab += 1) await beginSignIn(browser, `/${'b'.repeat(900)}`);
    const bytes = [...browser.cookies].reduce(
      (sum, [name, { length }]) => sum + name.length + length,
      0,
    );
    assert.ok(bytes <= 4200, `${bytes} bytes of cookies`);
    assert.ok(browser.cookies.size >= 2);
    await refused(browser, last);
  });
});

/** Goes to `target` after signing in with the local issuer. Returns the final URL of the browser. */
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
  return assert.fail('the sign-in redirected in a loop');
}

async function refused(browser: Browser, target: string): Promise<void> {
  const reply = await browser.send('GET', target);
  assert.deepEqual([reply.status, field(reply.body, 'code')], [400, 'sign-in-failed'], reply.text);
  assert.equal((await browser.send('GET', '/api/whoami')).status, 401);
}
