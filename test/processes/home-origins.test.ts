/** The two origins of a local server: a handler's page must not affect the panel's session. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, suite, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { readConfig } from '../../server/config.ts';
import { readCookie, readSession } from '../../server/auth/session.ts';
import { launchBrowser } from '../setup/browser.ts';
import { startServer, type StartedServer } from '../setup/servers/started-server.ts';

const PORTS = { web: 4000, run: 4001 };
const SESSION = 'trisiel_session';

test('without settings, handlers and panel have different hosts, whichever of the two the panel has', () => {
  const origins = (env: Record<string, string>): string[] => {
    const { webOrigin, runOrigin } = readConfig(env, PORTS);
    return [webOrigin, runOrigin];
  };
  assert.deepEqual(origins({}), ['http://localhost:4000', 'http://127.0.0.1:4001']);
  assert.deepEqual(origins({ WEB_ORIGIN: 'http://127.0.0.1:4000' }), [
    'http://127.0.0.1:4000',
    'http://localhost:4001',
  ]);
});

test('a session is read only at the panel’s host, and two session cookies count as none', () => {
  const config = readConfig({}, PORTS);
  const read = (host: string, cookie: string): string | undefined =>
    readSession(config, { host, cookie });
  assert.equal(read('localhost:4000', `${SESSION}=a`), 'a');
  for (const host of ['127.0.0.1:4000', '127.0.0.1', '127.0.0.1.:4000']) {
    assert.equal(read(host, `${SESSION}=a`), undefined, host);
  }
  assert.equal(read('localhost:4000', `${SESSION}=a; other=1; ${SESSION}=b`), undefined);
  assert.equal(read('localhost:4000', `${SESSION}=a; ${SESSION}=a`), undefined);
  assert.equal(readCookie(`${SESSION}x=a; ${SESSION}=b`, SESSION), 'b');
});

interface Answer {
  readonly status: number | undefined;
  readonly location: string | undefined;
  readonly body: string;
}

suite('on a started server', () => {
  let server: StartedServer;
  let browser: Browser;
  before(async () => {
    [server, browser] = await Promise.all([startServer(), launchBrowser()]);
    await server.untilReady();
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  /** Does not use fetch, which does not allow setting Host. */
  const get = (
    origin: string,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(origin.replace('localhost', '127.0.0.1'));
      const sent = request({ hostname, port, path, headers, agent: false }, (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => (body += text));
        answer.on('end', () =>
          resolve({ status: answer.statusCode, location: answer.headers.location, body }),
        );
      });
      sent.on('error', reject);
      sent.end();
    });

  test('no handler runs at the panel’s host: callers are redirected to the host of handlers', async () => {
    const { port } = new URL(server.runOrigin);
    for (const host of [
      `localhost:${port}`,
      `LOCALHOST:${port}`,
      `localhost.:${port}`,
      'localhost',
    ]) {
      for (const path of ['/run/hello-http/?name=Ada', '/executions/x', '/']) {
        const { status, location, body } = await get(server.runOrigin, path, { host });
        assert.equal(status, 307, `${host} ${path}`);
        assert.equal(location, `${server.runOrigin}${path}`);
        assert.doesNotMatch(body, /Hello/);
      }
      const away = await get(server.runOrigin, '//evil.example/', { host });
      assert.equal(away.location, `${server.runOrigin}/evil.example/`);
    }
    const own = await get(server.runOrigin, '/?name=Ada', { host: `hello-http.localhost:${port}` });
    assert.equal(own.body, 'Hello, Ada!\n');
    const probe = await get(server.runOrigin, '/healthz', { host: `localhost:${port}` });
    assert.equal(probe.status, 200);
  });

  test('a browser that opens the panel at the host of handlers is redirected to the panel’s host', async () => {
    const { port } = new URL(server.webOrigin);
    const headers = { host: `127.0.0.1:${port}`, 'sec-fetch-mode': 'navigate' };
    const { status, location } = await get(server.webOrigin, '/panel/tokens?x=1', headers);
    assert.equal(status, 307);
    assert.equal(location, `${server.webOrigin}/panel/tokens?x=1`);
  });

  test('a handler’s page cannot change the panel’s session by setting cookies', async () => {
    const context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    const panel = await context.newPage();
    await panel.goto(`${server.webOrigin}/login`);
    await panel.getByRole('textbox').fill('admin');
    await panel.getByRole('button').click();
    await panel.waitForURL(`${server.webOrigin}/**`);
    const sessionOf = async (): Promise<string[]> =>
      (await context.cookies(server.webOrigin))
        .filter(({ name }) => name.endsWith(SESSION))
        .map(({ value, domain }) => `${domain} ${value}`);
    const whoami = async (): Promise<unknown> =>
      panel.evaluate(async () => {
        const answer = await fetch('/api/whoami');
        const body: unknown = await answer.json();
        return typeof body === 'object' && body !== null && 'username' in body
          ? body.username
          : answer.status;
      });
    const before = await sessionOf();
    assert.equal(before.length, 1);
    assert.equal(await whoami(), 'admin');
    const { port } = new URL(server.runOrigin);
    const addresses = [
      `${server.runOrigin}/run/hello-http/`,
      `http://localhost:${port}/run/hello-http/`,
      `http://hello-http.localhost:${port}/`,
    ];
    for (const address of addresses) {
      const page = await context.newPage();
      await page.goto(address);
      assert.notEqual(new URL(page.url()).hostname, 'localhost');
      // What a script on that page could do.
      await page.evaluate(() => {
        const names = ['trisiel_session', '__Host-trisiel_session', '=trisiel_session'];
        const domains = ['', '; domain=localhost', '; domain=.localhost', '; domain=127.0.0.1'];
        for (const name of names) {
          for (const domain of domains) {
            for (const path of ['/', '/api', '/api/whoami', '/panel', '/panel/']) {
              document.cookie = `${name}=planted; path=${path}${domain}`;
            }
          }
        }
      });
      await page.close();
    }
    assert.deepEqual(await sessionOf(), before);
    assert.equal(await whoami(), 'admin');
    await context.close();
  });
});
