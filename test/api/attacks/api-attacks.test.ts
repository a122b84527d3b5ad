/** Attacks on the API that were found or considered. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import type { Database } from '../../../server/db/connection/database.ts';
import {
  Browser,
  field,
  signInAs,
  startApi,
  type ApiServer,
} from '../../setup/servers/api-server.ts';
import { onAnyDatabase } from '../../setup/servers/databases.ts';

const ROOT = join(import.meta.dirname, '../../..');
const hello = Uint8Array.from(readFileSync(join(ROOT, 'examples/hello/module.wasm')));
const UPLOAD = '/api/handlers/target/versions';

suite('an attacker', () => {
  const databases = onAnyDatabase();
  const migrated = async (t: TestContext): Promise<Database> =>
    (await databases.migrated(t)) ?? assert.fail('no database');

  test('cannot redirect a sign-in to another site, however the URL is written', async (t) => {
    const api = await startApi(t, await migrated(t));
    for (const address of [
      '//evil.example',
      '/..//evil.example',
      '/.//evil.example',
      '/a/..//evil.example/x',
      '/%2e%2e//evil.example',
      '/%2E//evil.example',
      '/\\evil.example',
      '/..\\\\evil.example',
      'https://evil.example',
      'javascript:alert(1)',
      '/\t/evil.example',
      '/x\r\nset-cookie: a=b',
      '\\\\evil.example',
    ]) {
      const browser = new Browser(api.origin);
      assert.equal(await endOfSignIn(browser, address), '/', address);
      assert.equal(browser.cookies.has('a'), false);
    }
    const kept = '/panel/authorize?challenge=x&redirect=http%3A%2F%2F127.0.0.1%3A9%2Fcallback#a';
    assert.equal(await endOfSignIn(new Browser(api.origin), kept), kept);
  });

  test('cannot reach the sign-in of a local server through another host name', async (t) => {
    const api = await startApi(t, await migrated(t));
    for (const host of [
      'evil.example',
      `evil.example:${api.port}`,
      '192.0.2.1',
      'localhost.evil.example',
    ]) {
      const reply = await ask(api, { host, path: '/login' });
      assert.deepEqual([host, reply.status], [host, 403]);
    }
    for (const host of [
      `localhost:${api.port}`,
      '127.0.0.1',
      `[::1]:${api.port}`,
      'api.localhost',
    ]) {
      const reply = await ask(api, { host, path: '/healthz' });
      assert.deepEqual([host, reply.status], [host, 200]);
    }
  });

  test('cannot evade the rate limit with forged forwarding headers', async (t) => {
    const api = await startApi(t, await migrated(t), {
      env: { TRUST_PROXY: 'true', REQUESTS_PER_MINUTE: '3' },
    });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const forwarded = `198.51.100.${i}, 203.0.113.9`;
      const reply = await ask(api, {
        path: '/healthz',
        headers: { 'x-forwarded-for': forwarded },
      });
      statuses.push(reply.status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  });

  test('a sign-in ends the previous session of the browser', async (t) => {
    const api = await startApi(t, await migrated(t));
    const browser = new Browser(api.origin);
    await browser.signIn('ada');
    const before = new Browser(api.origin);
    for (const [name, value] of browser.cookies) before.cookies.set(name, value);
    assert.equal((await before.send('GET', '/api/whoami')).status, 200);
    await browser.signIn('bob');
    assert.equal((await before.send('GET', '/api/whoami')).status, 401);
    const now = await browser.send('GET', '/api/whoami');
    assert.equal(field(now.body, 'username'), 'bob');
    assert.equal((await browser.send('POST', '/logout')).status, 204);
    assert.equal((await browser.send('POST', '/logout')).status, 204);
    const audit = await api.db.query(
      `select users.username, action from audit_events join users on users.id = actor_id order by audit_events.id`,
    );
    assert.deepEqual(audit, [
      { username: 'ada', action: 'session.begin' },
      { username: 'ada', action: 'session.end' },
      { username: 'bob', action: 'session.begin' },
      { username: 'bob', action: 'session.end' },
    ]);
  });

  test('cannot change object prototypes with names in a body, URL or form', async (t) => {
    const { api, author } = await makeTarget(t, await migrated(t));
    const bodies = [
      '{"__proto__":{"isAdmin":true}}',
      '{"constructor":{"prototype":{"isAdmin":true}}}',
      '{"name":"x","__proto__":null}',
      '{"set":{"__proto__":"x"}}',
      '{"set":{"constructor":"x"}}',
    ];
    for (const path of ['/api/handlers', '/api/tokens', '/api/handlers/target/config']) {
      const method = path.endsWith('config') ? 'PATCH' : 'POST';
      for (const body of bodies) {
        const reply = await author.send(method, path, {
          body,
          headers: { 'content-type': 'application/json' },
        });
        const isKey = path.endsWith('config') && body.includes('"constructor":"x"');
        assert.equal(reply.status, isKey ? 200 : 400, `${path} ${body}: ${reply.text}`);
      }
    }
    for (const query of [
      '__proto__=x',
      '__proto__[isAdmin]=true',
      'constructor=x',
      'limit=1&limit=2',
    ]) {
      assert.equal((await author.send('GET', `/api/handlers?${query}`)).status, 400, query);
    }
    for (const name of ['__proto__', 'constructor', 'toString', 'module\r\nx: y']) {
      const form = new FormData();
      form.append(name, new Blob([hello]), 'main.wasm');
      assert.equal((await author.send('POST', UPLOAD, { body: form })).status, 400, name);
    }
    const admins = await author.send('GET', '/api/users');
    assert.equal(field(admins.body, 'code'), 'admin-only');
    assert.doesNotMatch(api.logged(), /"level":50/);
  });
});

async function makeTarget(
  t: TestContext,
  db: Database,
): Promise<{ api: ApiServer; author: Browser }> {
  const api = await startApi(t, db);
  const author = await signInAs(api, 'author');
  await author.send('POST', '/api/handlers', { json: { name: 'target' } });
  return { api, author };
}

/** Signs in with the local issuer. Returns the final URL of the browser. */
async function endOfSignIn(browser: Browser, returnTo: string): Promise<string> {
  let reply = await browser.send('GET', `/login?returnTo=${encodeURIComponent(returnTo)}`);
  for (let step = 0; step < 12; step += 1) {
    const location = reply.headers.get('location') ?? assert.fail(reply.text);
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

interface Asked {
  readonly path: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(api: ApiServer, { path, host, headers }: Asked): Promise<{ status: number }> {
  const request = httpRequest({
    host: '127.0.0.1',
    port: api.port,
    path,
    headers: { ...headers, ...(host === undefined ? {} : { host }) },
  }).end();
  const [response]: IncomingMessage[] = await once(request, 'response');
  assert.ok(response);
  response.resume();
  return { status: response.statusCode ?? 0 };
}
