/** Invalid requests: each refusal names what was wrong. */
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type { Database } from '../../server/db/connection/database.ts';
import { field, signInAs, startApi, textField } from '../setup/servers/api-server.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

interface FieldError {
  readonly field: string;
  readonly found: string;
  readonly allowed: string;
}

suite('requests', () => {
  const databases = onAnyDatabase();
  const migrated = async (t: TestContext): Promise<Database> =>
    (await databases.migrated(t)) ?? assert.fail('no database');
  test('that are invalid name the field, what was found, and what is allowed', async (t) => {
    const api = await startApi(t, await migrated(t));
    const author = await signInAs(api, 'author');
    const handler = await author.send('POST', '/api/handlers', { json: { name: 'mine' } });
    assert.equal(handler.status, 201, handler.text);
    const cases: readonly [
      method: string,
      path: string,
      json: unknown,
      field: string,
      found: RegExp,
      allowed: RegExp,
    ][] = [
      [
        'POST',
        '/api/handlers',
        { name: 'Hello World' },
        'body/name',
        /wrong form/,
        /letters a to z, digits and hyphens/,
      ],
      [
        'POST',
        '/api/handlers',
        { name: '-a' },
        'body/name',
        /wrong form/,
        /letter or digit at both ends/,
      ],
      [
        'POST',
        '/api/handlers',
        { name: 'a'.repeat(64) },
        'body/name',
        /64 characters/,
        /1 to 63 characters/,
      ],
      ['POST', '/api/handlers', { name: '' }, 'body/name', /a text of 0 characters/, /1 to 63/],
      ['POST', '/api/handlers', { name: 'admin' }, 'body/name', /not available/, /another name/],
      ['POST', '/api/handlers', { name: 'xn--a' }, 'body/name', /not available/, /another name/],
      [
        'POST',
        '/api/handlers',
        { name: textField(handler.body, 'id') },
        'body/name',
        /./,
        /another name/,
      ],
      [
        'POST',
        '/api/handlers',
        { nmae: 'x' },
        'body/nmae',
        /an unknown field/,
        /the fields name, description, mode, private/,
      ],
      ['POST', '/api/handlers', { mode: 'later' }, 'body/mode', /a text of 5/, /"sync" or "async"/],
      ['POST', '/api/handlers', { private: 'yes' }, 'body/private', /a text of 3/, /true or false/],
      [
        'POST',
        '/api/handlers',
        { description: 'a\0b' },
        'body/description',
        /./,
        /control characters/,
      ],
      ['POST', '/api/handlers', [], 'body', /a list of 0 entries/, /an object/],
      ['PATCH', '/api/handlers/mine', {}, 'body', /an object of 0 fields/, /an object of/],
      [
        'PATCH',
        '/api/handlers/mine/config',
        { set: { '1A': 'x' } },
        'body/set/…',
        /a name of 2/,
        /a name that matches/,
      ],
      [
        'PATCH',
        '/api/handlers/mine/config',
        { set: { REQUEST_METHOD: 'x' } },
        'body/set/REQUEST_METHOD',
        /a reserved key/,
        /not HTTP_/,
      ],
      [
        'PATCH',
        '/api/handlers/mine/config',
        { set: { A: 'b\0c' } },
        'body/set/A',
        /wrong form/,
        /without the character NUL/,
      ],
      ['PATCH', '/api/handlers/mine/config', { set: { A: 5 } }, 'body/set/A', /number/, /a text/],
      [
        'POST',
        '/api/tokens',
        { name: 'x', scopes: ['everything'] },
        'body/scopes/0',
        /a text of 10/,
        /"account:read" or/,
      ],
      [
        'POST',
        '/api/tokens',
        { name: 'x', scopes: ['account:read'], expiresInDays: 5000 },
        'body/expiresInDays',
        /a number/,
        /1 to 366/,
      ],
      [
        'POST',
        '/api/tokens',
        { scopes: ['account:read'] },
        'body/name',
        /missing/,
        /1 to 100 characters/,
      ],
      [
        'GET',
        '/api/handlers?cursor=abc',
        undefined,
        'query/cursor',
        /a text of 3/,
        /the next of the page before/,
      ],
      ['GET', '/api/handlers?limit=1000', undefined, 'query/limit', /a number/, /1 to 100/],
      ['GET', '/api/handlers?limit=ten', undefined, 'query/limit', /a text of 3/, /whole number/],
      [
        'GET',
        '/api/handlers?colour=red',
        undefined,
        'query/colour',
        /an unknown field/,
        /the fields cursor, limit, deleted/,
      ],
      ['GET', '/api/handlers/mine/versions/0', undefined, 'params/version', /a number/, /from 1/],
      [
        'GET',
        '/api/handlers/mine/versions/99999999999',
        undefined,
        'params/version',
        /./,
        /from 1/,
      ],
      ['GET', '/api/handlers/Not%20One', undefined, 'params/handler', /wrong form/, /a name/],
      [
        'GET',
        '/api/executions?since=yesterday',
        undefined,
        'query/since',
        /a text of 9/,
        /2026-01-31T12/,
      ],
      ['GET', '/api/usage?from=2026-02-30', undefined, 'query/from', /wrong form/, /./],
    ];
    for (const [method, path, json, name, found, allowed] of cases) {
      const reply = await author.send(method, path, json === undefined ? {} : { json });
      const what = `${method} ${path} ${JSON.stringify(json)}: ${reply.text}`;
      assert.deepEqual(
        [reply.status, field(reply.body, 'status'), field(reply.body, 'code')],
        [400, 400, 'invalid-request'],
        what,
      );
      const errors = field(reply.body, 'errors');
      const error: FieldError | undefined = Array.isArray(errors)
        ? errors.find((each: FieldError) => each.field === name)
        : undefined;
      assert.ok(error, what);
      assert.match(error.found, found, what);
      assert.match(error.allowed, allowed, what);
    }
  });

  test('never cause an error that repeats a secret', async (t) => {
    const api = await startApi(t, await migrated(t));
    const author = await signInAs(api, 'author');
    await author.send('POST', '/api/handlers', { json: { name: 'mine' } });
    for (const set of [
      { A: `hunter2\0${'x'.repeat(20_000)}` },
      { A: 'hunter2\0' },
      { 'b-d': 'hunter2' },
      { A: ['hunter2'] },
    ]) {
      const reply = await author.send('PATCH', '/api/handlers/mine/config', { json: { set } });
      assert.equal(reply.status, 400);
      assert.doesNotMatch(reply.text, /hunter2/);
    }
    assert.doesNotMatch(api.logged(), /hunter2/);
  });

  test('with a malformed body are refused as malformed', async (t) => {
    const api = await startApi(t, await migrated(t));
    const author = await signInAs(api, 'author');
    const send = async (body: string, type = 'application/json'): Promise<unknown[]> => {
      const reply = await author.send('POST', '/api/handlers', {
        body,
        headers: { 'content-type': type },
      });
      return [reply.status, field(reply.body, 'code')];
    };
    assert.deepEqual(await send('{"name":'), [400, 'malformed-body']);
    assert.deepEqual(await send('{"__proto__": {"tier": 2}}'), [400, 'malformed-body']);
    const deep = `{"name":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    assert.deepEqual(await send(deep), [400, 'invalid-request']);
    assert.deepEqual(await send('name=x', 'text/plain'), [415, 'unsupported-media-type']);
    assert.deepEqual(await send(`{"name":"${'x'.repeat(600_000)}"}`), [413, 'too-large']);
    const large = await author.send('POST', '/api/handlers', {
      json: { name: 'x'.repeat(600_000) },
    });
    assert.equal(
      field(large.body, 'detail'),
      'The body has 600011 bytes; this endpoint accepts 524288. Send less.',
    );
    const bodiless = await author.send('DELETE', '/api/handlers/none', { json: { a: 1 } });
    assert.deepEqual([bodiless.status, field(bodiless.body, 'code')], [400, 'invalid-request']);
  });
});
