/** An author's complete workflow with real components: database, object store, sign-in, check process. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startS3 } from '../../scripts/services/s3-server.ts';
import { listSealedValues, placeOfValue } from '../../server/db/handlers/config-values.ts';
import { findRunnable } from '../../server/db/handlers/runnable.ts';
import { openS3Store } from '../../server/store/s3.ts';
import { atEnd } from '../setup/at-end.ts';
import {
  Browser,
  field,
  startApi,
  textField,
  type ApiServer,
} from '../setup/servers/api-server.ts';
import { onEachDatabase } from '../setup/servers/databases.ts';

const module = Uint8Array.from(
  await readFile(new URL('../../examples/hello/module.wasm', import.meta.url)),
);
const other = Uint8Array.from(
  await readFile(new URL('../../examples/hello-wat/module.wasm', import.meta.url)),
);

onEachDatabase('an author', (databases) => {
  test('signs in, applies, is approved, deploys, configures, rolls back, revokes, and is then refused at once', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    await deployStory(await startApi(t, db));
  });

  test('works the same with modules in an S3 bucket', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const s3 = await startS3();
    if ('reason' in s3) return t.skip(s3.reason);
    atEnd(t, () => s3.stop());
    await deployStory(await startApi(t, db, { store: openS3Store(s3.settings) }));
  });
});

async function deployStory(api: ApiServer): Promise<void> {
  const author = new Browser(api.origin);
  const admin = new Browser(api.origin);
  await author.signIn('ada', '/panel/?from=test');
  await admin.signIn('admin');

  const me = await author.send('GET', '/api/whoami');
  assert.equal(me.status, 200, me.text);
  assert.deepEqual(
    [field(me.body, 'username'), field(me.body, 'tier'), field(me.body, 'isAdmin')],
    ['ada', 0, false],
  );

  const chief = await admin.send('GET', '/api/whoami');
  assert.deepEqual(
    [field(chief.body, 'tier'), field(chief.body, 'isAdmin')],
    [2, true],
    'the administrator of a local server can deploy at once',
  );

  const early = await author.send('POST', '/api/handlers', { json: { name: 'hello' } });
  assert.deepEqual([early.status, field(early.body, 'code')], [403, 'tier-too-low']);

  const applied = await author.send('POST', '/api/applications', {
    json: { purpose: 'A hello that I can call.' },
  });
  assert.equal(applied.status, 201, applied.text);
  const twice = await author.send('POST', '/api/applications', {
    json: { purpose: 'A hello that I can call.' },
  });
  assert.deepEqual([twice.status, field(twice.body, 'code')], [409, 'conflict']);

  const waiting = await admin.send('GET', '/api/admin/applications?status=pending');
  assert.match(waiting.text, /A hello that I can call/);
  const decision = `/api/admin/applications/${textField(applied.body, 'id')}/decision`;
  const approved = await admin.send('POST', decision, {
    json: { status: 'approved', answer: 'Welcome.' },
  });
  assert.equal(approved.status, 200, approved.text);

  const made = await author.send('POST', '/api/tokens', {
    json: {
      name: 'cli',
      scopes: [
        'account:read',
        'handlers:read',
        'handlers:write',
        'config:write',
        'tokens:read',
        'tokens:write',
      ],
    },
  });
  assert.equal(made.status, 201, made.text);
  const token = textField(made.body, 'token');
  const program = new Browser(api.origin);
  const call = (method: string, path: string, request: object = {}) =>
    program.send(method, path, { token, ...request });

  const handler = await call('POST', '/api/handlers', {
    json: { name: 'hello', description: 'Says hello' },
  });
  assert.equal(handler.status, 201, handler.text);
  assert.equal(field(handler.body, 'activeVersion'), null);
  const unnamed = await call('POST', '/api/handlers', { json: {} });
  assert.match(textField(unnamed.body, 'name'), /^[a-z]+-[a-z]+-\d{3}$/);

  const wasm = { headers: { 'content-type': 'application/wasm' } };
  const first = await call('POST', '/api/handlers/hello/versions?note=first', {
    body: module,
    ...wasm,
  });
  assert.equal(first.status, 201, first.text);
  assert.deepEqual(
    [field(first.body, 'number'), field(first.body, 'active'), field(first.body, 'createdBy')],
    [1, true, 'ada'],
  );
  const form = new FormData();
  form.append('module', new Blob([other]), 'main.wasm');
  const second = await call('POST', '/api/handlers/hello/versions', { body: form });
  assert.deepEqual(
    [second.status, field(second.body, 'number'), field(second.body, 'active')],
    [201, 2, true],
  );

  const back = await fetch(`${api.origin}/api/handlers/hello/versions/1/module`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.deepEqual(
    new Uint8Array(await back.arrayBuffer()),
    module,
    'the module comes back as it was uploaded',
  );

  const config = await call('PATCH', '/api/handlers/hello/config', {
    json: { set: { GREETING: 'hunter2-secret', NAME: 'x' } },
  });
  assert.equal(config.status, 200, config.text);
  assert.doesNotMatch(config.text, /hunter2/);
  const keys = await call('GET', '/api/handlers/hello/config');
  assert.match(keys.text, /GREETING/);
  assert.doesNotMatch(keys.text, /hunter2/);

  const policy = 'allow (\n  ^https://example\\.com/\n)\nram-page-limit 64\n';
  const set = await call('PUT', '/api/handlers/hello/policy', { json: { policy } });
  assert.equal(set.status, 200, set.text);

  const rolledBack = await call('POST', '/api/handlers/hello/versions/1/activate');
  assert.deepEqual([rolledBack.status, field(rolledBack.body, 'active')], [200, true]);
  const history = await call('GET', '/api/handlers/hello/activations');
  assert.deepEqual(
    JSON.parse(history.text).items.map((each: { version: number; activatedBy: string }) => [
      each.version,
      each.activatedBy,
    ]),
    [
      [1, 'ada'],
      [2, 'ada'],
      [1, 'ada'],
    ],
  );

  const runnable = await findRunnable(api.db, 'hello');
  assert.ok(runnable?.version);
  assert.deepEqual(
    [runnable.version.number, runnable.policy, runnable.tier, runnable.isLocked],
    [1, policy, 1, false],
  );
  assert.ok(await api.store.get(runnable.version.meteredDigest), 'the metered module is kept too');
  const sealed = await listSealedValues(api.db, runnable.handlerId);
  assert.deepEqual(
    sealed.map(({ key, sealedValue }) => [
      key,
      api.sealer.open(sealedValue, placeOfValue(runnable.handlerId, key)),
    ]),
    [
      ['GREETING', 'hunter2-secret'],
      ['NAME', 'x'],
    ],
  );
  assert.ok(
    sealed.every(({ sealedValue }) => !Buffer.from(sealedValue).includes('hunter2')),
    'sealed at rest',
  );

  const deleted = await call('DELETE', '/api/handlers/hello');
  assert.equal(deleted.status, 200, deleted.text);
  assert.equal(await findRunnable(api.db, 'hello'), undefined);
  const again = await call('POST', '/api/handlers', { json: { name: 'hello' } });
  assert.equal(again.status, 201, 'the name is available');
  const id = textField(handler.body, 'id');
  const blocked = await call('POST', `/api/handlers/${id}/restore`);
  assert.deepEqual([blocked.status, field(blocked.body, 'code')], [409, 'name-taken']);
  await call('DELETE', '/api/handlers/hello');
  const restored = await call('POST', `/api/handlers/${id}/restore`);
  assert.deepEqual([restored.status, field(restored.body, 'activeVersion')], [200, 1]);

  const tokens = await call('GET', '/api/tokens');
  assert.notEqual(JSON.parse(tokens.text).items[0].lastUsedAt, null);
  assert.doesNotMatch(tokens.text, new RegExp(token.slice(-20)));

  const revoked = await author.send('DELETE', `/api/tokens/${textField(made.body, 'id')}`);
  assert.equal(revoked.status, 200, revoked.text);
  const refused = await call('GET', '/api/whoami');
  assert.deepEqual([refused.status, field(refused.body, 'code')], [401, 'invalid-token']);

  const audit = await author.send('GET', '/api/audit?limit=100');
  const actions = JSON.parse(audit.text)
    .items.map((each: { action: string }) => each.action)
    .toReversed();
  assert.deepEqual(actions, [
    'session.begin',
    'application.create',
    'token.create',
    'handler.create',
    'handler.create',
    'version.upload',
    'version.upload',
    'config.set',
    'policy.set',
    'version.activate',
    'handler.delete',
    'handler.create',
    'handler.delete',
    'handler.restore',
    'token.revoke',
  ]);
  assert.doesNotMatch(audit.text, /hunter2/);

  const out = await author.send('POST', '/logout');
  assert.equal(out.status, 204);
  assert.equal((await author.send('GET', '/api/whoami')).status, 401);

  const logged = api.logged();
  assert.match(logged, /"route":"\/login\/callback"/);
  for (const secret of ['hunter2', token.slice(-20), 'code=', 'state=']) {
    assert.equal(logged.includes(secret), false, `the log has ${secret}`);
  }
}
