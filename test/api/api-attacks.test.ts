/** What an attacker tries against the API, each as it was found or feared. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import type { Database } from '../../server/db/connection/database.ts';
import { atEnd } from '../setup/at-end.ts';
import { openTail } from '../setup/api-runs.ts';
import {
  Browser,
  field,
  signInAs,
  startApi,
  textField,
  type ApiServer,
} from '../setup/servers/api-server.ts';
import { onEachDatabase, onPglite } from '../setup/servers/databases.ts';

const ROOT = join(import.meta.dirname, '../..');
const hello = Uint8Array.from(readFileSync(join(ROOT, 'examples/hello/module.wasm')));
const UPLOAD = '/api/handlers/target/versions';
const HOUR_MS = 3_600_000;

suite('an attacker', () => {
  const databases = onPglite();
  const migrated = async (t: TestContext): Promise<Database> =>
    (await databases.migrated(t)) ?? assert.fail('no database');

  test('sends nobody elsewhere by a sign-in, however the address is written', async (t) => {
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

  test('reaches the sign-in of one machine by no other name', async (t) => {
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

  test('gets no more requests by writing addresses before that of the proxy', async (t) => {
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

  test('who was signed in before on this browser is signed out by the next', async (t) => {
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

  test('changes no object of ours by the names in a body, an address or a form', async (t) => {
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

  test('holds no memory with uploads that never end: so many at one time, and none that says it is too large', async (t) => {
    const { api, author } = await makeTarget(t, await migrated(t));
    const slow = Array.from({ length: 6 }, () => beginUpload(t, api, author, 1000));
    await Promise.all(slow.map(({ sent }) => sent));
    const seventh = beginUpload(t, api, author, 1000);
    const refused = await seventh.answer;
    assert.equal(refused.statusCode, 429, 'told before the body has come');
    const huge = await beginUpload(t, api, author, 5_000_000).answer;
    assert.equal(huge.statusCode, 413, 'told before the body has come');
    // Another author is not kept out, and those who give up make room.
    const other = await signInAs(api, 'other');
    await other.send('POST', '/api/handlers', { json: { name: 'others' } });
    const wasm = { body: hello, headers: { 'content-type': 'application/wasm' } };
    assert.equal((await other.send('POST', '/api/handlers/others/versions', wasm)).status, 201);
    for (const { request } of slow) request.destroy();
    await until(async () => (await author.send('POST', UPLOAD, wasm)).status === 201);
  });

  test('with bytes that are no request is told so as with any other problem', async (t) => {
    const api = await startApi(t, await migrated(t));
    const cases = [
      [`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
      [`GET /${'a'.repeat(40_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
      ['GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n', 400],
      ['\x16\x03\x01 hello', 400],
      [
        'POST /logout HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
        400,
      ],
    ] as const;
    for (const [bytes, status] of cases) {
      const answer = await speak(api, bytes);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), JSON.stringify(bytes.slice(0, 60)));
      const problem: unknown = JSON.parse(answer.slice(answer.indexOf('{')));
      assert.deepEqual(field(problem, 'status'), status);
      assert.match(textField(problem, 'detail'), /^[A-Z].{15,}\.$/);
    }
  });

  test('with a form of many parts, a huge header or an endless preamble is refused', async (t) => {
    const { author } = await makeTarget(t, await migrated(t));
    const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n';
    const forms = {
      'many parts': `${part.repeat(20_000)}--x--\r\n`,
      'a huge header': `--x\r\nContent-Disposition: form-data; name="${'a'.repeat(200_000)}"\r\n\r\n1\r\n--x--\r\n`,
      'many headers': `--x\r\n${'A: b\r\n'.repeat(50_000)}\r\n1\r\n--x--\r\n`,
      'a preamble': `${'a'.repeat(1_000_000)}\r\n--x--\r\n`,
      'parts in parts': `--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n1\r\n--y--\r\n--x--\r\n`,
    };
    for (const [what, body] of Object.entries(forms)) {
      const reply = await author.send('POST', UPLOAD, {
        body,
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      });
      assert.ok([400, 413].includes(reply.status), `${what}: ${reply.status} ${reply.text}`);
    }
  });
});

onEachDatabase('an attacker who has a token', (databases) => {
  test('makes none that outlives it: neither its expiry nor its revocation', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const api = await startApi(t, db);
    const owner = await signInAs(api, 'owner');
    const program = new Browser(api.origin);
    const make = async (
      token?: string,
      minutes = 60,
    ): Promise<{ id: string; token: string; expiresAt: string }> => {
      const reply = await (token === undefined ? owner : program).send('POST', '/api/tokens', {
        ...(token === undefined ? {} : { token }),
        json: { name: 'x', scopes: ['tokens:write', 'account:read'], expiresInMinutes: minutes },
      });
      assert.equal(reply.status, 201, reply.text);
      return JSON.parse(reply.text);
    };
    const stolen = await make();
    const child = await make(stolen.token, 1440);
    assert.equal(child.expiresAt, stolen.expiresAt);
    const grandchild = await make(child.token, 1440);
    const other = await make();
    const status = async (token: string): Promise<number> =>
      (await program.send('GET', '/api/whoami', { token })).status;
    assert.equal(await status(grandchild.token), 200);
    await owner.send('DELETE', `/api/tokens/${stolen.id}`);
    assert.deepEqual(
      await Promise.all([stolen, child, grandchild, other].map(({ token }) => status(token))),
      [401, 401, 401, 200],
    );

    // One that is made in the very moment of the revocation dies too, or is not made.
    const racer = await make();
    const [, ...made] = await Promise.all([
      owner.send('DELETE', `/api/tokens/${racer.id}`),
      ...Array.from({ length: 10 }, () =>
        program.send('POST', '/api/tokens', {
          token: racer.token,
          json: { name: 'racer', scopes: ['account:read'] },
        }),
      ),
    ]);
    for (const reply of made) {
      if (reply.status === 201) assert.equal(await status(textField(reply.body, 'token')), 401);
      else assert.equal(reply.status, 401, reply.text);
    }
    api.pass(2 * HOUR_MS);
    assert.equal(await status(other.token), 401);
  });

  test('opens no more tails than one user may, however fast', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const api = await startApi(t, db);
    const owner = await signInAs(api, 'owner');
    // What is open at one time counts: on a busy machine one may have ended, and made room, before the last came.
    let ended = 0;
    const opened = await Promise.allSettled(
      Array.from({ length: 20 }, async () => {
        const tail = await openTail(t, api, owner, '');
        void tail.ended.then(() => (ended += 1));
        return tail;
      }),
    );
    const open = opened.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(open >= 8 && open - ended <= 8, `${open} were opened, ${ended} of them ended`);
    const told = await owner.send('GET', '/metrics');
    const [, counted = ''] = /^trisiel_api_tails (\d+)$/m.exec(told.text) ?? [];
    assert.ok(Number(counted) <= 8, `${counted} are open`);
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

/** Signs in with the local issuer; returns where the browser ends up. */
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
  return assert.fail('signing in went round in circles');
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

/** What comes back until the server ends the connection. */
async function speak(api: ApiServer, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: api.port });
  socket.on('error', () => undefined);
  socket.write(bytes);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

interface BegunUpload {
  readonly request: ClientRequest;
  /** Once the server has the head. */
  readonly sent: Promise<unknown>;
  readonly answer: Promise<IncomingMessage>;
}

/** Sends the head and no byte of the body. */
function beginUpload(t: TestContext, api: ApiServer, author: Browser, bytes: number): BegunUpload {
  const cookie = [...author.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const request = httpRequest({
    host: '127.0.0.1',
    port: api.port,
    path: UPLOAD,
    method: 'POST',
    headers: {
      cookie,
      host: new URL(api.origin).host,
      origin: api.origin,
      'content-type': 'application/wasm',
      'content-length': bytes,
      expect: '100-continue',
    },
  });
  atEnd(t, () => request.destroy());
  request.on('error', () => undefined);
  request.flushHeaders();
  const answer = once(request, 'response').then(([response]: IncomingMessage[]) => {
    assert.ok(response);
    return response;
  });
  // Those that are given up get none.
  answer.catch(() => undefined);
  return { request, answer, sent: once(request, 'continue') };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i += 1) {
    if (await isSo()) return;
  }
  assert.fail('it did not come about');
}
