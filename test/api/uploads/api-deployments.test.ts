/** Deploying module, policy, configuration and settings in one request: all change, or none. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { HANDLERS_CHANNEL } from '../../../server/db/handlers/handlers.ts';
import { makeAuthor, type AuthorWorld } from '../../setup/api-runs.ts';
import {
  field,
  signInAs,
  textField,
  type Browser,
  type Reply,
} from '../../setup/servers/api-server.ts';
import { atEnd } from '../../setup/at-end.ts';
import { onEachDatabase } from '../../setup/servers/databases.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (example: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(join(ROOT, `examples/${example}/module.wasm`)));
const hello = read('hello');
const other = read('hello-wat');
const broken = hello.slice(0, 60);
/** (module (memory 257) (func (export "_start"))): the stack that C and Zig reserve, plus one page. */
const roomy = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[5, 4, 1, 0, 0x81, 2],
  ...[7, 10, 1, 6, ...Buffer.from('_start'), 0, 0],
  ...[10, 4, 1, 2, 0, 0x0b],
);

function deploy(
  who: Browser,
  deployment: object,
  module?: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const body = new FormData();
  body.append('deployment', JSON.stringify(deployment));
  if (module !== undefined) body.append('module', new Blob([module]), 'module.wasm');
  return who.send('POST', '/api/deployments', { body, headers });
}

/** Returns everything that a deployment can change of a handler, as text. */
async function stateOf({ db }: AuthorWorld, name: string): Promise<string> {
  const rows = await db.query(
    `select name, description, mode, is_private, keeps_trace, policy, active_version_id, version_count,
       (select json_agg(json_build_array(key, encode(sealed_value, 'hex')) order by key)
        from config_values where handler_id = handlers.id) as config,
       (select count(*)::int from versions where handler_id = handlers.id) as versions,
       (select count(*)::int from activations where handler_id = handlers.id) as activations
     from handlers where name = $1 and deleted_at is null`,
    [name],
  );
  return JSON.stringify(rows);
}

const REFUSED: readonly (readonly [what: string, deployment: object, code: string])[] = [
  ['a module that cannot run', {}, 'module-refused'],
  [
    'a module that starts with more memory than its policy allows',
    { policy: 'ram-page-limit 20\n' },
    'module-refused',
  ],
  ['a module that starts with more memory than a run has', { policy: null }, 'module-refused'],
  ['an invalid policy', { policy: 'allow (' }, 'policy-refused'],
  ['a policy above the tier’s limits', { policy: 'ram-page-limit 60000' }, 'policy-refused'],
  ['a reserved key', { configuration: { HTTP_HOST: 'x' } }, 'invalid-request'],
  [
    'more keys than the tier allows',
    { configuration: Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`K${at}`, 'v'])) },
    'limit-reached',
  ],
  ['a version together with a module', { version: 1 }, 'invalid-request'],
  ['an unknown field', { polcy: null }, 'invalid-request'],
];

onEachDatabase('a deployment', (databases) => {
  test('changes nothing and creates no handler if it is refused', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author } = world;
    const first = await deploy(
      author,
      { name: 'live', policy: 'gas-limit 1000\n', configuration: { KEY: 'one' }, trace: true },
      hello,
    );
    assert.equal(first.status, 200, first.text);
    const before = await stateOf(world, 'live');
    assert.match(before, /"keeps_trace":true,"policy":"gas-limit 1000\\n"/);
    for (const [what, deployment, code] of REFUSED) {
      const module = code !== 'module-refused' ? other : 'policy' in deployment ? roomy : broken;
      for (const name of ['live', 'never-made']) {
        const sent = { policy: null, configuration: { KEY: 'two' }, mode: 'async', ...deployment };
        const refused = await deploy(author, { ...sent, name }, module);
        assert.equal(field(refused.body, 'code'), code, `${what}: ${refused.text}`);
      }
      assert.equal(await stateOf(world, 'live'), before, what);
      assert.equal(await stateOf(world, 'never-made'), '[]', what);
    }
    // Like a command that is killed while it sends.
    await sendHalf(world, { name: 'live', policy: null });
    await sendHalf(world, { name: 'never-made' });
    assert.equal(await stateOf(world, 'live'), before);
    assert.equal(await stateOf(world, 'never-made'), '[]');
  });

  test('changes everything with one notification, and reports what changed', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db } = world;
    const notices: string[] = [];
    const stop = await db.listen(HANDLERS_CHANNEL, (name) => notices.push(name));
    atEnd(t, stop);
    const all = { policy: 'gas-limit 1000\n', configuration: { KEY: 'one' }, description: 'Hi.' };
    const made = await deploy(author, { name: 'greeter', note: 'the first', ...all }, hello);
    assert.deepEqual(
      [field(made.body, 'created'), field(made.body, 'uploaded'), field(made.body, 'changed')],
      [true, true, ['version', 'description', 'policy', 'configuration']],
      made.text,
    );
    assert.equal(field(field(made.body, 'version'), 'note'), 'the first');
    const second = await deploy(author, { name: 'greeter', ...all, trace: true }, other);
    assert.deepEqual(field(second.body, 'changed'), ['version', 'trace', 'configuration']);
    assert.equal(field(field(second.body, 'handler'), 'activeVersion'), 2);

    // A module that is already deployed is not sent again, but the settings are.
    const again = await deploy(author, { name: 'greeter', version: 2, policy: null });
    assert.deepEqual(
      [field(again.body, 'uploaded'), field(again.body, 'changed')],
      [false, ['policy']],
    );
    const nothing = await deploy(author, { name: 'greeter', version: 2, policy: null });
    assert.deepEqual(field(nothing.body, 'changed'), []);
    const back = await deploy(author, { name: 'greeter', version: 1 });
    assert.deepEqual(field(back.body, 'changed'), ['version']);

    // With `activate: false` the version is stored, and nothing else changes.
    const before = await stateOf(world, 'greeter');
    const later = await deploy(author, { name: 'greeter', activate: false, ...all }, hello);
    assert.deepEqual(
      [field(later.body, 'uploaded'), field(later.body, 'changed')],
      [true, []],
      later.text,
    );
    const kept = before
      .replace('"version_count":2', '"version_count":3')
      .replace('"versions":2', '"versions":3');
    assert.equal(await stateOf(world, 'greeter'), kept);

    await until(() => notices.length >= 4);
    assert.deepEqual(notices, ['greeter', 'greeter', 'greeter', 'greeter']);
    const actions = await db.query<{ target: object }>(
      "select target from audit_events where action = 'handler.deploy' order by id",
    );
    assert.equal(actions.length, 5, 'one line per deployment that changed something');
    assert.doesNotMatch(JSON.stringify(actions), /"one"/);
  });

  test('with an idempotency key creates one version, although it is sent several times', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author } = world;
    const key = { 'idempotency-key': 'build-17' };
    const sent = { name: 'keyed', configuration: { KEY: 'one' } };
    const all = await Promise.all([1, 2, 3].map(() => deploy(author, sent, hello, key)));
    for (const each of all) {
      assert.deepEqual([each.status, field(field(each.body, 'version'), 'number')], [200, 1]);
    }
    // Another value of a secret makes another deployment, which must not be dropped silently.
    const otherwise = { ...sent, configuration: { KEY: 'two' } };
    const refused = await deploy(author, otherwise, hello, key);
    assert.equal(field(refused.body, 'code'), 'key-used-otherwise', refused.text);
    // Two simultaneous first deployments of one name become two versions of one handler.
    const both = await Promise.all(
      [hello, other].map((each) => deploy(author, { name: 'both' }, each)),
    );
    const numbers = both.map(({ body }) => field(field(body, 'version'), 'number'));
    assert.deepEqual(
      numbers.toSorted((a, b) => Number(a) - Number(b)),
      [1, 2],
      both.map(({ text }) => text).join('\n'),
    );
  });

  test('goes only to a new or only to an existing handler, if the request says so', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author } = world;
    const before = await stateOf(world, 'target');
    const taken = await deploy(author, { name: 'target', new: true }, hello);
    assert.equal(field(taken.body, 'code'), 'name-taken', taken.text);
    assert.equal(await stateOf(world, 'target'), before);
    const lost = await deploy(author, { name: 'deleted-meanwhile', new: false }, hello);
    assert.equal(field(lost.body, 'code'), 'not-found', lost.text);
    assert.equal(await stateOf(world, 'deleted-meanwhile'), '[]');
    const key = { 'idempotency-key': 'once' };
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const made = await deploy(author, { name: 'fresh', new: true }, hello, key);
      assert.deepEqual([made.status, field(field(made.body, 'version'), 'number')], [200, 1]);
    }
    assert.equal((await deploy(author, { name: 'fresh', new: false }, other)).status, 200);
  });

  test('requires the scopes of all its parts', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, api } = world;
    const stranger = await signInAs(api, 'stranger');
    const taken = await deploy(stranger, { name: 'target' }, hello);
    assert.equal(field(taken.body, 'code'), 'name-taken');
    const none = await deploy(author, { name: 'no-such', version: 1 });
    assert.equal(none.status, 404, none.text);
    const made = await author.send('POST', '/api/tokens', {
      json: { name: 'no secrets', scopes: ['handlers:write'] },
    });
    const authorization = `Bearer ${textField(made.body, 'token')}`;
    const set = { name: 'target', configuration: { KEY: 'x' } };
    const refused = await deploy(author, set, hello, { authorization });
    assert.equal(field(refused.body, 'code'), 'missing-scope', refused.text);
    const without = await deploy(author, { name: 'target' }, hello, { authorization });
    assert.equal(without.status, 200, without.text);
  });
});

/** Sends the head and half of the body of a deployment, and then closes the connection. */
async function sendHalf({ api, author }: AuthorWorld, deployment: object): Promise<void> {
  const boundary = randomBytes(8).toString('hex');
  const part = (name: string, more: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(`${part('deployment', '')}${JSON.stringify(deployment)}\r\n`),
    Buffer.from(part('module', '; filename="m.wasm"')),
    other,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const cookie = [...author.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const head = [
    'POST /api/deployments HTTP/1.1',
    `host: localhost:${api.port}`,
    `cookie: ${cookie}`,
    `origin: ${api.origin}`,
    `content-type: multipart/form-data; boundary=${boundary}`,
    `content-length: ${body.length}`,
  ];
  const socket = connect(api.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body.subarray(0, -40)]));
  socket.resume();
  await closed;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(Date.now() < end, 'the expected state was not reached');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
