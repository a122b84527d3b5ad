/** Operating the API: metrics, the OpenAPI document, a database outage, an orderly shutdown. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { startPostgres } from '../../scripts/services/postgres.ts';
import { describeApi, problemsOf, toTemplate } from '../../server/api/document/openapi.ts';
import { loadRoutes } from '../../server/api/routes.ts';
import type { Database } from '../../server/db/connection/database.ts';
import { openPostgres } from '../../server/db/connection/postgres.ts';
import { PROBLEMS } from '../../server/problems/problems.ts';
import { atEnd } from '../setup/at-end.ts';
import { Browser, field, startApi, textField } from '../setup/servers/api-server.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

suite('requests', () => {
  const databases = onAnyDatabase();
  const migrated = async (t: TestContext): Promise<Database> =>
    (await databases.migrated(t)) ?? assert.fail('no database');

  test('for metrics are accepted only from this machine or with the operator’s token', async (t) => {
    const db = await migrated(t);
    const open = await startApi(t, db);
    await new Browser(open.origin).send('GET', '/api/tiers');
    const metrics = await new Browser(open.origin).send('GET', '/metrics');
    assert.match(
      metrics.text,
      /trisiel_api_request_seconds_count\{method="GET",route="\/api\/tiers",status="200"\} 1/,
    );
    assert.equal(
      (
        await new Browser(open.origin).send('GET', '/metrics', {
          headers: { 'x-forwarded-for': '1.2.3.4' },
        })
      ).status,
      404,
    );
    const token = 'operator-0123456789';
    const guarded = await startApi(t, db, { env: { METRICS_TOKEN: token } });
    assert.equal((await new Browser(guarded.origin).send('GET', '/metrics')).status, 404);
    assert.equal(
      (await new Browser(guarded.origin).send('GET', '/metrics', { token: `${token}x` })).status,
      404,
    );
    assert.equal(
      (await new Browser(guarded.origin).send('GET', '/metrics', { token })).status,
      200,
    );
  });

  test('for the OpenAPI document get every endpoint with all its problems', async (t) => {
    const api = await startApi(t, await migrated(t));
    const { body } = await new Browser(api.origin).send('GET', '/api/openapi.json');
    const routes = await loadRoutes();
    assert.deepEqual(body, JSON.parse(JSON.stringify(describeApi(routes, api.config))));
    for (const route of routes) {
      const operation = field(
        field(field(body, 'paths'), toTemplate(route.path)),
        route.method.toLowerCase(),
      );
      const responses = Object.keys(Object(field(operation, 'responses')));
      for (const code of problemsOf(route))
        assert.ok(responses.includes(String(PROBLEMS[code].status)));
    }
  });

  test('fail while the database is down and work once it is back, in the same process', async (t) => {
    const server = await startPostgres();
    if ('reason' in server) return t.skip(server.reason);
    const db = openPostgres({ url: server.url, pool: 4 });
    atEnd(t, async () => {
      await db.close();
      await server.stop();
    });
    const api = await startApi(t, db);
    const browser = new Browser(api.origin);
    assert.equal((await browser.send('GET', '/readyz')).status, 200);
    await server.halt();
    const away = await browser.send('GET', '/readyz');
    assert.deepEqual([away.status, field(away.body, 'code')], [503, 'unavailable']);
    const asked = await browser.send('GET', '/api/whoami', {
      headers: { cookie: 'trisiel_session=x' },
    });
    assert.deepEqual([asked.status, field(asked.body, 'code')], [503, 'unavailable'], asked.text);
    assert.doesNotMatch(asked.text, /ECONN|127\.0\.0\.1|select/i);
    assert.equal((await browser.send('GET', '/healthz')).status, 200);
    await server.start();
    assert.equal((await browser.send('GET', '/readyz')).status, 200);
  });

  test('for readiness fail while the server’s own executors cannot run a handler', async (t) => {
    let isUp = false;
    const checkExecutors = async (): Promise<void> => {
      if (!isUp) throw new Error('connect ECONNREFUSED 127.0.0.1:4001');
    };
    const api = await startApi(t, await migrated(t), { checkExecutors });
    const browser = new Browser(api.origin);
    const reply = await browser.send('GET', '/readyz');
    assert.deepEqual([reply.status, field(reply.body, 'code')], [503, 'unavailable']);
    assert.match(reply.text, /The run origin cannot be reached\./);
    isUp = true;
    assert.equal((await browser.send('GET', '/readyz')).status, 200);
  });

  test('that the server cannot parse reveal nothing about its internals', async (t) => {
    const api = await startApi(t, {
      ...(await migrated(t)),
      query: async () => {
        throw new Error('secret: select * from users at /srv/app.ts');
      },
    });
    const reply = await new Browser(api.origin).send('GET', '/api/whoami', {
      headers: { cookie: 'trisiel_session=x' },
    });
    assert.deepEqual([reply.status, field(reply.body, 'code')], [500, 'internal']);
    assert.doesNotMatch(reply.text, /select|srv|secret/);
    assert.match(
      api.logged(),
      new RegExp(textField(reply.body, 'requestId')),
      'the operator finds it in the log',
    );
  });

  test('in progress complete when the server stops, and new ones are refused', async (t) => {
    const db = await migrated(t);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const api = await startApi(t, {
      ...db,
      query: async (text, values) => {
        asked.resolve();
        await held;
        return db.query(text, values);
      },
    });
    const slow = new Browser(api.origin).send('GET', '/api/whoami', {
      headers: { cookie: 'trisiel_session=x' },
    });
    await asked.promise;
    const closed = api.close();
    release();
    assert.equal((await slow).status, 401);
    await closed;
    await assert.rejects(
      new Promise((resolve, reject) => {
        connect(api.port, '127.0.0.1', () => resolve(undefined)).once('error', reject);
      }),
      { code: 'ECONNREFUSED' },
    );
  });
});
