/** Hostile uploads: each is refused with an error message, and delays no other request. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { LARGEST_MODULE_BYTES } from '../../../server/tiers.ts';
import {
  field,
  signInAs,
  startApi,
  textField,
  type ApiServer,
  type Browser,
  type Reply,
} from '../../setup/servers/api-server.ts';
import { onAnyDatabase } from '../../setup/servers/databases.ts';
import {
  hostileModules,
  MADE_BY_HAND,
  withExports,
  withImports,
  withMemory,
} from '../../setup/hostile-modules.ts';

const ROOT = join(import.meta.dirname, '../../..');
const good = Uint8Array.from(readFileSync(join(ROOT, 'examples/hello/module.wasm')));
/** Of the other modules, one in 50 is used: each takes a tenth of a second. */
const EVERY = 50;
const WASM = { 'content-type': 'application/wasm' };
const PATH = '/api/handlers/target/versions';
/** Matches an error with the size of the upload and the limit of the tier. */
const NAMES_SIZES = /The upload has \d{7,} bytes; your tier allows modules of 4194304\./;

async function makeTarget(
  t: TestContext,
  databases: ReturnType<typeof onAnyDatabase>,
  tier: number,
): Promise<{ api: ApiServer; author: Browser }> {
  const db = await databases.migrated(t);
  assert.ok(db);
  const api = await startApi(t, db);
  const author = await signInAs(api, 'author', { tier });
  const made = await author.send('POST', '/api/handlers', { json: { name: 'target' } });
  assert.equal(made.status, 201, made.text);
  return { api, author };
}

function assertRefused(reply: Reply, what: string): void {
  assert.ok(reply.status >= 400 && reply.status < 500, `${what}: ${reply.status} ${reply.text}`);
  assert.equal(field(reply.body, 'status'), reply.status, what);
  assert.match(textField(reply.body, 'detail'), /^[A-Z].{15,}\.$/s, what);
}

suite('uploads', () => {
  const databases = onAnyDatabase();

  test('that are hostile are refused while the API keeps serving others', async (t) => {
    const { api, author } = await makeTarget(t, databases, 2);
    const other = await signInAs(api, 'other', { tier: 2 });
    // All of them are refused by test/hostile/check-bytes.test.ts; here some of each kind pass through the whole server.
    const modules = hostileModules(t).filter((_, i) => i < MADE_BY_HAND || i % EVERY === 0);
    assert.ok(modules.length > 80, `${modules.length} hostile modules`);
    const times: number[] = [];
    const ended = new AbortController();
    const meanwhile = (async () => {
      while (!ended.signal.aborted) {
        const began = performance.now();
        const reply = await other.send('GET', '/api/whoami');
        assert.equal(reply.status, 200, reply.text);
        times.push(performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    })();
    try {
      for (const [i, { name, bytes }] of modules.entries()) {
        // Moves the test's clock, because uploads per minute are limited.
        if (i % 100 === 0) api.pass(61_000);
        assertRefused(await author.send('POST', PATH, { body: bytes, headers: WASM }), name);
      }
    } finally {
      ended.abort();
    }
    await meanwhile;
    times.sort((a, b) => a - b);
    const at = (share: number): string =>
      `${Math.round(times[Math.floor(times.length * share)] ?? 0)} ms`;
    t.diagnostic(
      `${modules.length} refused; ${times.length} answers meanwhile: median ${at(0.5)}, p99 ${at(0.99)}`,
    );
    assert.ok(times.length > 10, 'other requests were answered while modules were checked');
    const after = await author.send('POST', PATH, { body: good, headers: WASM });
    assert.deepEqual(
      [after.status, field(after.body, 'number')],
      [201, 1],
      'a good module is accepted afterwards',
    );
  });

  test('that are too large are refused, before and after they are read', async (t) => {
    const { author } = await makeTarget(t, databases, 1);
    const overTier = new Uint8Array(4 * 1024 * 1024 + 1);
    overTier.set(good);
    const overAll = new Uint8Array(LARGEST_MODULE_BYTES + 100_000);
    for (const bytes of [overTier, overAll]) {
      const raw = await author.send('POST', PATH, { body: bytes, headers: WASM });
      assert.deepEqual([raw.status, field(raw.body, 'code')], [413, 'too-large']);
      assert.match(raw.text, NAMES_SIZES);
      const form = new FormData();
      form.append('module', new Blob([bytes]), 'main.wasm');
      const part = await author.send('POST', PATH, { body: form });
      assert.deepEqual([part.status, field(part.body, 'code')], [413, 'too-large']);
      assert.match(part.text, NAMES_SIZES);
    }
  });

  test('that are compressed, of another type, or in a malformed form are refused', async (t) => {
    const { author } = await makeTarget(t, databases, 1);
    const bomb = Uint8Array.from(gzipSync(new Uint8Array(8 * 1024 * 1024)));
    const boundary = 'multipart/form-data; boundary=x';
    const cases: readonly [
      string,
      number,
      Uint8Array<ArrayBuffer> | string | FormData,
      Record<string, string>,
    ][] = [
      ['packed', 415, bomb, { ...WASM, 'content-encoding': 'gzip' }],
      ['packed, without saying so', 422, bomb, WASM],
      ['of another type', 415, good, { 'content-type': 'application/octet-stream' }],
      ['JSON', 415, '{}', { 'content-type': 'application/json' }],
      [
        'cut off',
        400,
        '--x\r\ncontent-disposition: form-data; name="module"; filename="a"\r\n\r\nabc',
        { 'content-type': boundary },
      ],
      ['no part', 400, '--x--\r\n', { 'content-type': boundary }],
      ['no boundary', 400, 'abc', { 'content-type': 'multipart/form-data' }],
      [
        'a field in place of a file',
        400,
        '--x\r\ncontent-disposition: form-data; name="module"\r\n\r\nabc\r\n--x--\r\n',
        { 'content-type': boundary },
      ],
      [
        'another part',
        400,
        '--x\r\ncontent-disposition: form-data; name="other"; filename="a"\r\n\r\nabc\r\n--x--\r\n',
        { 'content-type': boundary },
      ],
      ['no body', 415, '', {}],
    ];
    for (const [what, status, body, headers] of cases) {
      const reply = await author.send('POST', PATH, { body, headers });
      assertRefused(reply, what);
      assert.equal(reply.status, status, `${what}: ${reply.text}`);
    }
    const two = new FormData();
    two.append('module', new Blob([good]), 'a.wasm');
    two.append('module', new Blob([good]), 'b.wasm');
    assertRefused(await author.send('POST', PATH, { body: two }), 'two files');
  });

  test('with export names of any length or bytes are stored without making lists of versions long', async (t) => {
    const { author } = await makeTarget(t, databases, 2);
    const long = Array.from({ length: 40 }, (_, i) => 'a'.repeat(90_000) + i);
    const odd = ['nul \0 nul', '\u{1F600}'.repeat(150), '<b>', '__proto__'];
    for (const names of [long, odd]) {
      const body = withExports(names);
      const reply = await author.send('POST', PATH, { body, headers: WASM });
      assert.equal(reply.status, 201, reply.text.slice(0, 300));
    }
    const many = { body: withImports(4_000), headers: WASM };
    const imported = await author.send('POST', PATH, many);
    assert.deepEqual(field(imported.body, 'imports'), ['cwa.io_get_stdout'], imported.text);
    const page = await author.send('GET', PATH);
    assert.equal(page.status, 200);
    assert.ok(page.text.length < 30_000, `${page.text.length} characters`);
    const items = field(page.body, 'items');
    assert.ok(Array.isArray(items));
    const exported = field(items[1], 'exports');
    assert.ok(Array.isArray(exported));
    assert.deepEqual(exported.slice(0, 2), ['_start', 'nul \uFFFD nul']);
    assert.match(String(exported[2]), /^(\u{1F600}){100}…$/u);
  });

  test('above the tier’s rate limit are refused', async (t) => {
    const { api, author } = await makeTarget(t, databases, 1);
    const upload = (): Promise<Reply> =>
      author.send('POST', PATH, { body: Uint8Array.of(0), headers: WASM });
    for (let i = 0; i < 30; i += 1) assert.equal((await upload()).status, 422);
    const refused = await upload();
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    api.pass(61_000);
    assert.equal((await upload()).status, 422);
  });

  test('with more memory than the tier allows are refused, and say so', async (t) => {
    const { author } = await makeTarget(t, databases, 1);
    const reply = await author.send('POST', PATH, { body: withMemory(513), headers: WASM });
    assert.equal(reply.status, 422);
    assert.match(textField(reply.body, 'detail'), /513 pages.*allows 512/);
    assert.equal(
      (await author.send('POST', PATH, { body: withMemory(256), headers: WASM })).status,
      201,
    );
  });
});
