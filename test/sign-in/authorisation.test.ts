/** Authorization: every endpoint, as loaded from the routes, with every kind of caller. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Check } from 'typebox/value';
import { SCOPE_NAMES, type Scope } from '../../server/auth/scopes.ts';
import { loadRoutes } from '../../server/api/routes.ts';
import { makeWorld, nameOf } from '../setup/callers.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

/** Who may call: anyone; a user; a user with a session only; a user of tier 1 or higher; an administrator. */
type Who = 'anyone' | 'user' | 'person' | 'deployer' | 'admin';
type Row = readonly [who: Who, scope?: Scope | undefined, body?: unknown];

/** The intended rights, written by hand. An endpoint without a row fails the first test. */
const TABLE: Readonly<Record<string, Row>> = {
  'GET /.well-known/jwks.json': ['anyone'],
  'GET /api/admin/applications': ['admin', 'admin'],
  'POST /api/admin/applications/:application/decision': ['admin', 'admin', { status: 'refused' }],
  'GET /api/admin/audit': ['admin', 'admin'],
  'GET /api/applications': ['user', 'account:read'],
  'POST /api/applications': ['user', 'account:write', { purpose: 'To say hello to all.' }],
  'GET /api/audit': ['user', 'account:read'],
  'POST /api/command-logins': ['person', undefined, { challenge: 'a'.repeat(43), name: 'laptop' }],
  'POST /api/command-logins/token': ['anyone'],
  'POST /api/deployments': ['deployer', 'handlers:write'],
  'GET /api/executions': ['user', 'executions:read'],
  'GET /api/executions/:execution': ['user', 'executions:read'],
  'GET /api/executions/tail': ['user', 'executions:read'],
  'GET /api/handlers': ['user', 'handlers:read'],
  'POST /api/handlers': ['deployer', 'handlers:write', {}],
  'GET /api/handlers/:handler': ['user', 'handlers:read'],
  'PATCH /api/handlers/:handler': ['deployer', 'handlers:write', { description: 'changed' }],
  'DELETE /api/handlers/:handler': ['user', 'handlers:write'],
  'GET /api/handlers/:handler/activations': ['user', 'handlers:read'],
  'GET /api/handlers/:handler/config': ['user', 'handlers:read'],
  'PATCH /api/handlers/:handler/config': ['deployer', 'config:write', { set: { A: 'b' } }],
  'DELETE /api/handlers/:handler/config/:key': ['user', 'config:write'],
  'GET /api/handlers/:handler/policy': ['user', 'handlers:read'],
  'PUT /api/handlers/:handler/policy': ['deployer', 'handlers:write', { policy: null }],
  'POST /api/handlers/:handler/restore': ['deployer', 'handlers:write'],
  'GET /api/handlers/:handler/rollout': ['user', 'handlers:read'],
  'GET /api/handlers/:handler/versions': ['user', 'handlers:read'],
  'POST /api/handlers/:handler/versions': ['deployer', 'handlers:write'],
  'GET /api/handlers/:handler/versions/:version': ['user', 'handlers:read'],
  'DELETE /api/handlers/:handler/versions/:version': ['user', 'handlers:write'],
  'POST /api/handlers/:handler/versions/:version/activate': ['deployer', 'handlers:write'],
  'POST /api/handlers/:handler/versions/:version/lift': ['admin', 'admin'],
  'GET /api/handlers/:handler/versions/:version/module': ['user', 'handlers:read'],
  'GET /api/limits': ['user', 'account:read'],
  'POST /api/modules/check': ['deployer', 'handlers:write'],
  'GET /api/name': ['user', 'handlers:read'],
  'POST /api/policy/check': ['user', 'handlers:read', { text: '' }],
  'GET /api/server': ['anyone'],
  'GET /api/statistics': ['user', 'executions:read'],
  'POST /api/keys/rotate': ['admin', 'admin'],
  'GET /api/openapi.json': ['anyone'],
  'GET /api/tiers': ['anyone'],
  'GET /api/tokens': ['user', 'tokens:read'],
  'POST /api/tokens': ['user', 'tokens:write', { name: 'x', scopes: ['tokens:write'] }],
  'DELETE /api/tokens/:token': ['user', 'tokens:write'],
  'GET /api/usage': ['user', 'executions:read'],
  'GET /api/users': ['admin', 'admin'],
  'GET /api/users/:user': ['admin', 'admin'],
  'PATCH /api/users/:user': ['admin', 'admin', { tier: 0 }],
  'GET /api/whoami': ['user', 'account:read'],
  'GET /healthz': ['anyone'],
  'GET /login': ['anyone'],
  'GET /login/callback': ['anyone'],
  'POST /logout': ['anyone'],
  'GET /metrics': ['anyone'],
  'GET /readyz': ['anyone'],
};

const routes = await loadRoutes();

suite('authorisation', () => {
  const databases = onAnyDatabase();

  test('has a row for every endpoint, and an endpoint for every row', () => {
    assert.deepEqual(routes.map(nameOf).sort(), Object.keys(TABLE).sort());
  });

  test('every endpoint that changes something for a user is written to the audit log', () => {
    for (const route of routes) {
      if (route.user !== undefined) {
        const changes = route.method !== 'GET' && route.changesNothing !== true;
        assert.equal(route.audit !== undefined, changes, nameOf(route));
      }
    }
  });

  test('the audit log can be filtered by each action that it contains', () => {
    const query = routes.find(({ path }) => path === '/api/audit')?.query;
    assert.ok(query);
    const actions = routes.flatMap(({ audit }) => audit ?? []);
    for (const action of [...actions, 'session.begin', 'session.end', 'command-login.refuse']) {
      assert.ok(Check(query, { action }), action);
    }
  });

  test('admits exactly the kinds of caller that the table lists', async (t) => {
    const world = await makeWorld(t, databases, TABLE);
    for (const route of routes) {
      const [who, scope] = TABLE[nameOf(route)] ?? ['admin'];
      const open = who === 'anyone';
      const wanted: Record<string, string> = {
        none: grant(open, 'sign-in-required'),
        'an invalid cookie': grant(open, 'sign-in-required'),
        locked: grant(open, 'account-locked'),
        'locked, by token': grant(open, 'account-locked'),
        'tier 0': grant(
          open || who === 'user' || who === 'person',
          who === 'admin' ? 'admin-only' : 'tier-too-low',
        ),
        'tier 1': grant(who !== 'admin', 'admin-only'),
        'tier 2': grant(who !== 'admin', 'admin-only'),
        admin: 'in',
      };
      for (const bad of world.badTokens) wanted[bad] = grant(open, 'invalid-token');
      for (const each of SCOPE_NAMES) {
        wanted[`scope ${each}`] = grant(
          open || each === scope,
          who === 'person' ? 'session-required' : 'missing-scope',
        );
      }
      const found: Record<string, string> = {};
      for (const kind of Object.keys(wanted)) {
        found[kind] = await world.ask(route, world.credentials(kind), 'no-such-handler');
      }
      assert.deepEqual([nameOf(route), found], [nameOf(route), wanted]);
    }
  });

  test('does not show or change another user’s handler: it is not found', async (t) => {
    const world = await makeWorld(t, databases, TABLE);
    const before = await world.snapshot();
    const ofHandlers = routes.filter(
      ({ path, user }) => path.includes(':handler') && user?.scope !== 'admin',
    );
    for (const route of ofHandlers) {
      for (const kind of ['tier 1', 'tier 2', 'admin']) {
        for (const handler of [world.handler.name, world.handler.id]) {
          const reply = await world.fetch(route, world.credentials(kind), handler);
          assert.equal(reply.status, 404, `${nameOf(route)} by ${kind}: ${reply.status}`);
        }
      }
    }
    assert.deepEqual(await world.snapshot(), before);
  });

  test('lets a session make changes only from our own pages', async (t) => {
    const world = await makeWorld(t, databases, TABLE);
    const session = world.credentials('admin').headers;
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      // Another port of the same machine, where handlers run: browsers send it our cookies.
      { origin: world.api.origin.replace(/:\d+$/, ':1'), 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
      {},
    ];
    const changing = routes.filter(({ method, user }) => method !== 'GET' && user !== undefined);
    assert.ok(changing.length > 10);
    for (const route of changing) {
      for (const headers of foreign) {
        const { cookie = '' } = session;
        const verdict = await world.ask(
          route,
          { headers: { cookie, ...headers } },
          'no-such-handler',
        );
        assert.deepEqual(
          [nameOf(route), headers, verdict],
          [nameOf(route), headers, 'foreign-origin'],
        );
      }
    }
  });

  test('does not let a token create one with more rights', async (t) => {
    const world = await makeWorld(t, databases, TABLE);
    const { headers } = world.credentials('scope tokens:write');
    const response = await fetch(`${world.api.origin}/api/tokens`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'more', scopes: ['tokens:write', 'admin'] }),
    });
    assert.equal(response.status, 403);
    assert.match(await response.text(), /missing-scope/);
  });

  test('a token becomes invalid by expiry, revocation, or its user’s lock, but not by a new key', async (t) => {
    const world = await makeWorld(t, databases, TABLE);
    const whoami = routes.find(({ path }) => path === '/api/whoami');
    const rotate = routes.find(({ path }) => path === '/api/keys/rotate');
    assert.ok(whoami && rotate);
    const token = world.credentials('scope account:read');
    assert.equal(await world.ask(whoami, token, ''), 'in');
    assert.equal(await world.ask(rotate, world.credentials('admin'), ''), 'in');
    assert.equal(await world.ask(whoami, token, ''), 'in');
    world.api.pass(2 * 3_600_000);
    assert.equal(await world.ask(whoami, token, ''), 'invalid-token');
  });
});

function grant(may: boolean, otherwise: string): string {
  return may ? 'in' : otherwise;
}
