/** Properties of every API response: headers, a sentence for unknown addresses, and a rate limit. */
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type { Database } from '../../server/db/connection/database.ts';
import { Browser, field, signInAs, startApi } from '../setup/servers/api-server.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

suite('answers', () => {
  const databases = onAnyDatabase();
  const migrated = async (t: TestContext): Promise<Database> =>
    (await databases.migrated(t)) ?? assert.fail('no database');

  test('to unknown addresses and methods name the ones that exist', async (t) => {
    const api = await startApi(t, await migrated(t));
    const browser = new Browser(api.origin);
    for (const path of ['/api', '/api/', '/api/nope']) {
      const reply = await browser.send('GET', path);
      assert.equal(reply.status, 404, path);
      assert.match(reply.headers.get('content-type') ?? '', /^application\/problem\+json/);
    }
    const reply = await browser.send('PUT', '/api/handlers');
    assert.deepEqual([reply.status, reply.headers.get('allow')], [405, 'GET, POST, HEAD']);
    const undecodable = await browser.send('GET', '/api/handlers/%zz');
    assert.equal(undecodable.status, 400);
    assert.equal(field(undecodable.body, 'status'), 400);
  });

  test('have headers that prevent caching and embedding', async (t) => {
    const api = await startApi(t, await migrated(t));
    for (const path of ['/api/whoami', '/api/tiers', '/login', '/api/nope']) {
      const { headers } = await new Browser(api.origin).send('GET', path);
      assert.match(
        headers.get('content-security-policy') ?? '',
        /default-src 'none'; frame-ancestors 'none'/,
        path,
      );
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.equal(headers.get('cache-control'), 'no-store', path);
      assert.equal(headers.get('access-control-allow-origin'), null, path);
      assert.match(headers.get('ratelimit-limit') ?? '', /^\d+$/, path);
      assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/, path);
    }
  });

  test('above the rate limit are refused, by address and by user', async (t) => {
    const api = await startApi(t, await migrated(t), { env: { REQUESTS_PER_MINUTE: '150' } });
    const user = await signInAs(api, 'reader', { tier: 0 });
    for (let i = 0; i < 120; i += 1) assert.equal(await ask(user), 200);
    const refused = await user.send('GET', '/api/whoami');
    assert.deepEqual([refused.status, field(refused.body, 'code')], [429, 'too-many-requests']);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal(refused.headers.get('ratelimit-remaining'), '0');
    const nobody = new Browser(api.origin);
    for (let i = 0; i < 29; i += 1) assert.equal(await ask(nobody), 401);
    assert.equal(await ask(nobody), 429, 'guessing tokens is rate-limited too');
    api.pass(61_000);
    assert.equal(await ask(user), 200);
  });
});

async function ask(browser: Browser): Promise<number> {
  return (await browser.send('GET', '/api/whoami')).status;
}
