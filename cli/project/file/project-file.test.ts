import assert from 'node:assert/strict';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../../errors.ts';
import { findProject } from './find-project.ts';
import { parseProject } from './project-file.ts';
import { PROJECT_KEYS } from './project-keys.ts';

async function refusal(source: string, path = '/work/trisiel.toml'): Promise<string> {
  try {
    await parseProject(path, source);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.message;
  }
  return assert.fail(`this was taken: ${source}`);
}

test('a complete file is parsed, with paths relative to its folder', async () => {
  const project = await parseProject(
    '/work/shop/trisiel.toml',
    `name = "shop"
description = "Sells."
build = "make"
module = "build/shop.wasm"
entry = "cwa_main"
files = ["templates/**"]
args = ["--serve"]
static = "public/"
mode = "async"
private = true
trace = true
policy = "allow.policy"

[config]
REGION = "eu"
API_KEY = { env = "SHOP_API_KEY" }
`,
  );
  assert.deepEqual(project, {
    path: '/work/shop/trisiel.toml',
    folder: '/work/shop',
    name: 'shop',
    description: 'Sells.',
    build: 'make',
    module: '/work/shop/build/shop.wasm',
    entry: 'cwa_main',
    files: ['templates/**'],
    args: ['--serve'],
    static: 'public',
    mode: 'async',
    private: true,
    trace: true,
    policy: { kind: 'file', path: '/work/shop/allow.policy' },
    config: [
      { key: 'REGION', value: 'eu' },
      { key: 'API_KEY', variable: 'SHOP_API_KEY' },
    ],
  });
  const known = new Set([...Object.keys(project), 'config']);
  for (const key of Object.keys(PROJECT_KEYS)) assert.ok(known.has(key), `${key} is read`);
});

test('trisiel.json gives the same project', async () => {
  const source =
    '{"name": "shop", "policy": {"text": "gas-limit 10"}, "config": {"A": {"env": "B"}}}';
  const project = await parseProject('/work/trisiel.json', source);
  assert.equal(project.name, 'shop');
  assert.deepEqual(project.policy, { kind: 'text', text: 'gas-limit 10' });
  assert.deepEqual(project.config, [{ key: 'A', variable: 'B' }]);
});

test('an error in trisiel.toml names the file, line and column, and what to do', async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      'name = "a"\nmodul = "x"\n',
      /^\/work\/trisiel\.toml:2:1: there is no key modul\. Did you mean module\?$/,
    ],
    ['zebra = 1\n', /:1:1: there is no key zebra\. The keys are name, description/],
    ['name = "Not A Name"\n', /:1:1: "Not A Name" is not a valid name: use the letters a to z/],
    [
      '\n\nprivate = "yes"\n',
      /:3:1: private is a string in the wrong format; it must be true or false\.$/,
    ],
    ['mode = "both"\n', /:1:1: mode is .* "sync" or "async"\.$/],
    ['build = ""\n', /:1:1: build is .* non-empty string\.$/],
    [
      'module = "../x"\n',
      /:1:1: module is outside of the folder of this file; name a file in it\.$/,
    ],
    ['module = "/tmp/x"\n', /:1:1: module is outside/],
    ['module = "."\n', /:1:1: module is outside/],
    ['policy = "build/../../x"\n', /:1:1: policy is outside/],
    ['policy = { file = "x" }\n', /:1:1: policy is a table; it must be the path of a file/],
    ['name = "a"\n[config]\nA = "1"\n"b-c" = "2"\n', /:4:1: "b-c" is not a valid key/],
    ['[config]\nA = "1"\nPORT = 80\n', /:3:1: config\.PORT must be a string/],
    ['name = \n', /^\/work\/trisiel\.toml:1:8: /],
    ['name = "a"\nname = "b"\n', /^\/work\/trisiel\.toml:2:\d+: /],
  ];
  for (const [source, message] of cases) assert.match(await refusal(source), message);
  assert.match(
    await refusal('{\n  "name": "a",,\n}', '/w/trisiel.json'),
    /^\/w\/trisiel\.json:2:15: this is not JSON\.$/,
  );
  assert.match(await refusal('[1]', '/w/trisiel.json'), /^\/w\/trisiel\.json:1:1: this is a list/);
  assert.match(
    await refusal('{"name": "a",\n "colour": 1}', '/w/trisiel.json'),
    /:2:2: there is no key colour/,
  );
});

test('configuration values never appear in errors', async () => {
  for (const source of [
    '[config]\nKEY = { secret = "hunter2" }\n',
    '[config]\nKEY = "hunter2\n',
    '[config]\nKEY = ["hunter2"]\n',
  ]) {
    assert.doesNotMatch(await refusal(source), /hunter2/);
  }
  assert.doesNotMatch(await refusal('{"config": {"KEY": "hunter2"', '/w/trisiel.json'), /hunter2/);
});

test('the nearest project file in a parent folder is found, and two in one folder are refused', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'trisiel-project-'));
  t.after(() => rm(root, { recursive: true }));
  const deep = join(root, 'shop/src/deep');
  await mkdir(deep, { recursive: true });
  await writeFile(join(root, 'trisiel.toml'), 'name = "outer"\n');
  await writeFile(join(root, 'shop/trisiel.json'), '{"name": "inner"}');
  assert.equal((await findProject(deep))?.name, 'inner');
  assert.equal((await findProject(root))?.name, 'outer');
  await writeFile(join(root, 'shop/trisiel.toml'), 'name = "inner"\n');
  await assert.rejects(findProject(deep), /has both trisiel\.toml and trisiel\.json/);
});

test('a project file of another user in a parent folder is not used', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can give a file away');
  const root = await mkdtemp(join(tmpdir(), 'trisiel-project-'));
  t.after(() => rm(root, { recursive: true }));
  await mkdir(join(root, 'mine'));
  await writeFile(join(root, 'trisiel.toml'), 'build = "steal"\n');
  await chown(join(root, 'trisiel.toml'), 12_345, 12_345);
  await assert.rejects(findProject(join(root, 'mine')), /belongs to another user/);
  assert.equal(
    (await findProject(root))?.build,
    'steal',
    'a file in the current folder is accepted, because the user chose it',
  );
});
