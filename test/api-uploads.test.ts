/** Hostile uploads: each is refused in a sentence, and nobody else waits for it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { LARGEST_MODULE_BYTES } from '../server/tiers.ts';
import {
  field,
  signInAs,
  startApi,
  textField,
  type ApiServer,
  type Browser,
  type Reply,
} from './api-server.ts';
import { convertSuite, findTool } from './core-suite/convert.ts';
import { onPglite } from './databases.ts';

const ROOT = join(import.meta.dirname, '..');
const SUITE = join(ROOT, '../shared/wasm-testsuite');
const good = Uint8Array.from(readFileSync(join(ROOT, 'examples/hello/module.wasm')));
const WASM = { 'content-type': 'application/wasm' };
const PATH = '/api/handlers/target/versions';

async function makeTarget(
  t: TestContext,
  databases: ReturnType<typeof onPglite>,
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
  const databases = onPglite();

  test('that are hostile, more than a thousand, are each refused; the API answers others meanwhile', async (t) => {
    const { api, author } = await makeTarget(t, databases, 2);
    const other = await signInAs(api, 'other', { tier: 2 });
    const modules = hostileModules(t);
    assert.ok(modules.length > 1000, `${modules.length} hostile modules`);
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
        // One may upload so many in a minute; the clock is the test's.
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
    assert.ok(times.length > 10, 'others were answered while modules were checked');
    const after = await author.send('POST', PATH, { body: good, headers: WASM });
    assert.deepEqual(
      [after.status, field(after.body, 'number')],
      [201, 1],
      'a good one is taken after all that',
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
      const form = new FormData();
      form.append('module', new Blob([bytes]), 'main.wasm');
      const part = await author.send('POST', PATH, { body: form });
      assert.deepEqual([part.status, field(part.body, 'code')], [413, 'too-large']);
    }
  });

  test('that are packed, of another type, or in a broken form are refused', async (t) => {
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

  test('past the tier’s number in a minute wait', async (t) => {
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
    const reply = await author.send('POST', PATH, { body: withMemory(257), headers: WASM });
    assert.equal(reply.status, 422);
    assert.match(textField(reply.body, 'detail'), /257 pages.*allows 256/);
    assert.equal(
      (await author.send('POST', PATH, { body: withMemory(256), headers: WASM })).status,
      201,
    );
  });
});

interface Hostile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** None of them is a module that could run here. */
function hostileModules(t: TestContext): Hostile[] {
  const handmade: Hostile[] = [
    { name: 'nothing', bytes: new Uint8Array() },
    { name: 'zeros', bytes: new Uint8Array(1_000_000) },
    { name: 'magic alone', bytes: good.slice(0, 4) },
    { name: 'magic and version alone', bytes: good.slice(0, 8) },
    { name: 'a later version', bytes: patch(good, 4, [2]) },
    { name: 'a component', bytes: patch(good, 4, [0x0d, 0, 1, 0]) },
    { name: '4 GiB of memory', bytes: withMemory(65_536) },
    { name: 'memory that ends before it begins', bytes: moduleOf(section(5, [1, 1, 5, 1])) },
    { name: 'two to the 32 types', bytes: moduleOf(section(1, [0xff, 0xff, 0xff, 0xff, 0x0f])) },
    {
      name: 'two to the 32 functions',
      bytes: moduleOf(section(3, [0xff, 0xff, 0xff, 0xff, 0x0f])),
    },
    { name: 'a section longer than the file', bytes: moduleOf([1, 0xff, 0xff, 0xff, 0xff, 0x0f]) },
    {
      name: 'a number without end',
      bytes: moduleOf([1, ...Array.from({ length: 5000 }, () => 0x80)]),
    },
    {
      name: 'two to the 32 locals',
      bytes: withBody([1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b]),
    },
    {
      name: 'fifty thousand groups of locals',
      bytes: withBody([...leb(50_000), ...repeat([0xff, 0xff, 3, 0x7f], 50_000), 0x0b]),
    },
    {
      name: 'a hundred thousand blocks, none ended',
      bytes: withBody([0, ...repeat([0x02, 0x40], 100_000)]),
    },
    {
      name: 'a branch table of two to the 32',
      bytes: withBody([0, 0x41, 0, 0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0b]),
    },
    {
      name: 'a table of two to the 32',
      bytes: moduleOf(section(4, [1, 0x70, 0, 0xff, 0xff, 0xff, 0xff, 0x0f])),
    },
    { name: 'a hundred thousand empty sections', bytes: moduleOf(repeat([0, 1, 0], 100_000)) },
    {
      name: 'a hundred thousand imports',
      bytes: moduleOf([
        ...section(1, [1, 0x60, 0, 0]),
        ...section(2, [...leb(100_000), ...repeat([1, 0x61, 1, 0x62, 0, 0], 100_000)]),
      ]),
    },
    {
      name: 'the same export twice',
      bytes: moduleOf([...section(5, [1, 0, 1]), ...section(7, [2, 1, 0x61, 2, 0, 1, 0x61, 2, 0])]),
    },
    {
      name: 'a name that is no UTF-8',
      bytes: moduleOf([...section(5, [1, 0, 1]), ...section(7, [1, 2, 0xff, 0xfe, 2, 0])]),
    },
  ];
  const cut = Array.from({ length: good.length }, (_, length) => ({
    name: `cut at ${length}`,
    bytes: good.slice(0, length),
  }));
  const random = Array.from({ length: 200 }, (_, i) => ({
    name: `random ${i}`,
    bytes: moduleOf(pseudoRandom(i, 40 + i)),
  }));
  const flipped = Array.from({ length: 600 }, (_, i) => {
    const at = (i * 7919) % good.length;
    return {
      name: `bit ${i % 8} of byte ${at} flipped`,
      bytes: patch(good, at, [(good[at] ?? 0) ^ (1 << (i % 8))]),
    };
  });
  return [
    ...handmade,
    // A cut or a flip can leave a valid module, which is no business of this test.
    ...[...cut, ...random, ...flipped].filter(({ bytes }) => !WebAssembly.validate(bytes)),
    ...suiteModules(t),
  ];
}

/** The modules of the WebAssembly core suite that are malformed or invalid. */
function suiteModules(t: TestContext): Hostile[] {
  const tool = findTool(ROOT);
  if (!existsSync(SUITE) || tool === undefined) {
    t.diagnostic(
      'the WebAssembly core suite is not here, or no tool that reads it: its modules are left out',
    );
    return [];
  }
  const found: Hostile[] = [];
  for (const { name, json } of convertSuite(tool, SUITE)) {
    if (json === undefined) continue;
    const {
      commands,
    }: { commands: { type: string; line: number; filename?: string; module_type?: string }[] } =
      JSON.parse(readFileSync(json, 'utf8'));
    for (const { type, line, filename, module_type: form } of commands) {
      const isHostile = type === 'assert_invalid' || type === 'assert_malformed';
      if (!isHostile || form !== 'binary' || filename === undefined) continue;
      const bytes = Uint8Array.from(readFileSync(join(dirname(json), filename)));
      // What the engine has learned since.
      if (!WebAssembly.validate(bytes)) found.push({ name: `${name}:${line}`, bytes });
    }
  }
  // Every so many, of every file: the rest is alike.
  const step = Math.max(1, Math.floor(found.length / 600));
  return found.filter((_, i) => i % step === 0);
}

function moduleOf(body: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...body]);
}

function withMemory(pages: number): Uint8Array<ArrayBuffer> {
  return moduleOf([
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...leb(pages)]),
    ...section(7, [1, 6, ...Buffer.from('_start'), 0, 0]),
    ...section(10, [1, 2, 0, 0x0b]),
  ]);
}

function withBody(body: readonly number[]): Uint8Array<ArrayBuffer> {
  return moduleOf([
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, 6, ...Buffer.from('_start'), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body];
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function repeat(bytes: readonly number[], times: number): number[] {
  return Array.from({ length: times }, () => bytes).flat();
}

function patch(bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
}

/** The same bytes each time, so that a failure can be had again. */
function pseudoRandom(seed: number, length: number): number[] {
  let state = seed * 2654435761 + 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
