/** Behaviour of issuers, with a stand-in that has Gitea's endpoints, and the resulting log entries. */
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { findFreePort } from '../../scripts/services/free-port.ts';
import { Browser, field, startApi } from '../setup/servers/api-server.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import {
  beginSignIn,
  followSignIn,
  startStandIn,
  type StandInOptions,
} from '../setup/servers/stand-in-issuer.ts';

suite('signing in with an issuer', () => {
  const databases = onAnyDatabase();
  const migrated = async (t: TestContext) =>
    (await databases.migrated(t)) ?? assert.fail('no database');

  test('works with configured endpoints and PKCE, without the local issuer', async (t) => {
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

  test('sends the client’s secret as the issuer or the operator specifies, and in the body by default', async (t) => {
    const db = await migrated(t);
    const [basic, post] = ['client_secret_basic', 'client_secret_post'] as const;
    const cases: readonly [setting: string, listed: readonly string[] | undefined, used: string][] =
      [
        ['', undefined, post],
        ['', [], post],
        ['', ['private_key_jwt'], post],
        ['', [basic], basic],
        ['', [basic, post], post],
        [basic, undefined, basic],
        [post, [basic], post],
      ];
    for (const [setting, listed, used] of cases) {
      const metadata =
        listed === undefined ? {} : { token_endpoint_auth_methods_supported: listed };
      const issuer = await startStandIn(t, { metadata });
      const env = { ...issuer.env, OIDC_CLIENT_AUTHENTICATION: setting };
      const browser = new Browser((await startApi(t, db, { env })).origin);
      await followSignIn(browser, issuer.origin, '/panel/');
      assert.deepEqual(issuer.authentications, [used], `${setting} with ${listed?.join()}`);
    }
    // With the three endpoints there is no metadata, so only the setting decides.
    const issuer = await startStandIn(t);
    const env = { ...issuer.env, OIDC_CLIENT_AUTHENTICATION: basic };
    await followSignIn(new Browser((await startApi(t, db, { env })).origin), issuer.origin, '/');
    assert.deepEqual(issuer.authentications, [basic]);
  });

  test('accepts both spellings of the issuer’s name, and no other name', async (t) => {
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
      const reply = await browser.send('GET', await beginSignIn(browser));
      assert.equal(reply.status, ends, `${configured} ${named}: ${reply.text}`);
    }
  });

  test('refuses an ID token without the nonce of this sign-in, and logs why', async (t) => {
    const db = await migrated(t);
    for (const claims of [
      (right) => ({ ...right, nonce: 'the nonce of an earlier grant' }),
      ({ nonce: _nonce, ...rest }) => rest,
    ] satisfies StandInOptions['claims'][]) {
      const api = await startApi(t, db, { env: (await startStandIn(t, { claims })).env });
      const browser = new Browser(api.origin);
      const reply = await browser.send('GET', await beginSignIn(browser));
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
    const callback = await beginSignIn(browser);
    const reply = await browser.send('GET', callback);
    assert.deepEqual([reply.status, field(reply.body, 'code')], [502, 'provider-failed']);
    const logged = api.logged();
    assert.match(logged, /invalid_client: no client has the secret \[redacted\]/);
    const { searchParams } = new URL(callback, api.origin);
    for (const secret of ['gitea-secret', searchParams.get('code'), searchParams.get('state')]) {
      assert.ok(secret !== null && !logged.includes(secret), 'the log contains no secret');
    }
  });

  test('reports that the issuer is unavailable, without revealing its address', async (t) => {
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
    assert.doesNotMatch(reply.text, new RegExp(String(port)), 'the response reveals internals');
    assert.match(api.logged(), /the discovery of the issuer failed: .*ECONNREFUSED/);
  });
});
