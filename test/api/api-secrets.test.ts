/** No error or log line repeats what a caller sent, because it may be a secret in the wrong field. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { loadRoutes } from '../../server/api/routes.ts';
import type { Route } from '../../server/api/route.ts';
import { DatabaseUnavailableError } from '../../server/db/connection/unavailable.ts';
import { createLog } from '../../server/log.ts';
import {
  Browser,
  field,
  signInAs,
  startApi,
  type ApiRequest,
} from '../setup/servers/api-server.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import { nameOf } from '../setup/callers.ts';

/** Not a valid name, so no field accepts it as one. */
const MARKER = 'Zz9~Marker';
const NUMBER = 918_273_645;
const LEAK = /zz9~marker|zz9%7emarker|918273645/i;

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function member(value: unknown, name: string): unknown {
  return entriesOf(value).find(([key]) => key === name)?.[1];
}

/** Returns a value that matches the schema, with `leaf` in place of every text. */
function fill(schema: unknown, leaf: unknown): unknown {
  const choices = member(schema, 'anyOf');
  if (Array.isArray(choices)) return fill(choices[0], leaf);
  const properties = entriesOf(member(schema, 'properties'));
  const keys = entriesOf(member(schema, 'patternProperties'));
  switch (member(schema, 'type')) {
    case 'object':
      return Object.fromEntries([
        ...properties.map(([name, each]) => [name, fill(each, leaf)]),
        ...keys.map(([, each]) => ['KEY', fill(each, leaf)]),
      ]);
    case 'array':
      return [fill(member(schema, 'items'), leaf)];
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    default:
      return leaf;
  }
}

/** Returns the value with `extra` added to every object in it. */
function extend(value: unknown, extra: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(value)) return value.map((each) => extend(each, extra));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, each]) => [name, extend(each, extra)]);
  return { ...Object.fromEntries(fields), ...extra };
}

const LEAVES: readonly unknown[] = [
  `${MARKER}\0`,
  MARKER,
  MARKER.repeat(3000),
  { value: MARKER },
  NUMBER,
];

function bodiesOf(route: Route): unknown[] {
  const { body } = route;
  if (body === undefined) return [MARKER, { [MARKER]: MARKER }];
  const filled = LEAVES.map((leaf) => fill(body, leaf));
  const [first] = filled;
  const many = Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`KEY_${i}`, MARKER]));
  return [
    ...filled,
    extend(first, { unknown: MARKER }),
    extend(first, { [`${MARKER}=1`]: '' }),
    extend(first, many),
    MARKER,
    NUMBER,
    [MARKER],
    { [MARKER]: MARKER },
    { set: many },
    { set: { [`${MARKER}/+`]: 'x', ['A'.repeat(65)]: MARKER } },
    { set: MARKER },
  ];
}

function pathsOf({ path, query }: Route): string[] {
  const known = path
    .replace(':handler', 'mine')
    .replaceAll(/:\w+/g, '0198c0de-0000-7000-8000-000000000000');
  const named = path.replaceAll(/:\w+/g, encodeURIComponent(MARKER));
  const names = Object.keys(query?.properties ?? {});
  const queries = [
    `?${names.map((name) => `${name}=${encodeURIComponent(MARKER)}`).join('&')}`,
    `?${names.map((name) => `${name}=${NUMBER}`).join('&')}`,
    `?unknown=${encodeURIComponent(MARKER)}`,
    `?${encodeURIComponent(MARKER)}=1`,
  ];
  return [known, ...(named === path ? [] : [named]), ...queries.map((each) => known + each)];
}

function requestsOf(route: Route): [path: string, request: ApiRequest][] {
  const [known = route.path, ...odd] = pathsOf(route);
  const head: [string, ApiRequest][] = odd.map((path) => [path, {}]);
  if (route.method === 'GET') return [[known, {}], ...head];
  const headers = (type: string) => ({ 'content-type': type });
  const form = new FormData();
  form.set(MARKER, new Blob([MARKER]), MARKER);
  return [
    ...head,
    ...bodiesOf(route).map((json): [string, ApiRequest] => [known, { json }]),
    [known, { body: `{"a": ${MARKER}`, headers: headers('application/json') }],
    [known, { body: `a=${MARKER}`, headers: headers('application/x-www-form-urlencoded') }],
    [known, { body: MARKER, headers: headers(`application/${MARKER}`) }],
    [known, { body: MARKER, headers: headers('application/wasm') }],
    [known, { body: form }],
    [known, { headers: { 'idempotency-key': MARKER.repeat(40) } }],
    [known, { headers: { authorization: `Bearer ${MARKER}` } }],
    [known, { headers: { cookie: `trisiel_session=${MARKER}` } }],
  ];
}

suite('what callers send', () => {
  const databases = onAnyDatabase();

  test('is not repeated in any error of any endpoint, or in the log', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const api = await startApi(t, db);
    const author = await signInAs(api, 'author', { tier: 2, isAdmin: true });
    await author.send('POST', '/api/handlers', { json: { name: 'mine' } });
    let refused = 0;
    const ask = async (route: Route, path: string, request: ApiRequest): Promise<void> => {
      api.pass(1000);
      const reply = await author.send(route.method, path, request);
      const what = `${nameOf(route)} at ${path.slice(0, 200)}: ${reply.status}`;
      assert.ok(reply.status < 500, `${what} ${reply.text}`);
      if (reply.status < 400) return;
      refused += 1;
      // An error about a policy quotes its text, which is not a secret: its owner can read it.
      if (field(reply.body, 'code') === 'policy-refused') return;
      assert.doesNotMatch(reply.text, LEAK, what);
      assert.doesNotMatch(JSON.stringify([...reply.headers]), LEAK, what);
    };
    for (const route of await loadRoutes()) {
      if (route.path === '/logout') continue;
      const asked = requestsOf(route)
        // A successful tail is endless.
        .filter(([path]) => !path.endsWith('tail'))
        .map(([path, request]) => ask(route, path, request));
      await Promise.all(asked);
    }
    assert.ok(refused > 300, `only ${refused} were refused`);
    assert.doesNotMatch(api.logged(), LEAK);
  });

  test('too many configuration keys are refused with the limit, without repeating a value', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const api = await startApi(t, db);
    const author = await signInAs(api, 'author');
    await author.send('POST', '/api/handlers', { json: { name: 'mine' } });
    const set = Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`KEY_${i}`, MARKER]));
    const reply = await author.send('PATCH', '/api/handlers/mine/config', { json: { set } });
    assert.equal(reply.status, 400);
    assert.equal(
      field(reply.body, 'detail'),
      'body/set is an object of 129 fields; it must be an object of 1 to 128 fields.',
    );
    assert.doesNotMatch(reply.text + api.logged(), LEAK);
  });

  test('does not reach the log through errors of a driver, parser or resolver', () => {
    const lines: string[] = [];
    const log = createLog('debug', { write: (line: string) => void lines.push(line) });
    const row = Object.assign(new Error('duplicate key value violates unique constraint "k"'), {
      code: '23505',
      detail: `Key (secret)=(${MARKER}) already exists.`,
      where: MARKER,
      parameters: [MARKER],
      constraint: 'k',
    });
    const value = Object.assign(new Error(`invalid input syntax for type uuid: "${MARKER}"`), {
      code: '22P02',
    });
    const url = Object.assign(new TypeError('Invalid URL'), {
      code: 'ERR_INVALID_URL',
      input: `postgres://user:${MARKER}@host`,
    });
    let syntax: unknown;
    try {
      JSON.parse(MARKER);
    } catch (error) {
      syntax = error;
    }
    const cause = new AggregateError([row, value, url, syntax], 'all failed');
    log.error({ err: new DatabaseUnavailableError('unreachable', { cause }) }, 'it failed');
    for (const each of [row, value, url, syntax, MARKER]) log.error({ err: each }, 'it failed');
    const text = lines.join('');
    assert.doesNotMatch(text, LEAK);
    // What an operator needs is logged.
    for (const wanted of [
      '23505',
      '"constraint":"k"',
      '22P02',
      'ERR_INVALID_URL',
      'unreachable',
      'api-secrets.test',
    ]) {
      assert.ok(text.includes(wanted), wanted);
    }
  });
});

suite('tokens', () => {
  const databases = onAnyDatabase();

  test('with the scope admin can only be created by administrators', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const api = await startApi(t, db);
    const json = { name: 'x', scopes: ['account:read', 'admin'] };
    const author = await signInAs(api, 'author');
    const refused = await author.send('POST', '/api/tokens', { json });
    assert.deepEqual([refused.status, field(refused.body, 'code')], [403, 'admin-only']);
    assert.match(String(field(refused.body, 'detail')), /^Only administrators .* Omit it\.$/);
    const admin = await signInAs(api, 'admin', { isAdmin: true });
    assert.equal((await admin.send('POST', '/api/tokens', { json })).status, 201);
    const nobody = new Browser(api.origin);
    assert.equal((await nobody.send('POST', '/api/tokens', { json })).status, 401);
  });
});
