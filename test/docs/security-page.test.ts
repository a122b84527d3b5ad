/** The security page lists limits, each with the test that attacks it. Those tests must exist. */
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);
const PAGE = new URL('docs-site/src/content/docs/about/security.mdx', ROOT);
/** Tests, and cases that run in Node and in browsers. */
const FILES = ['{cli,client,olin,panel,server,test}/**/*.test.ts', 'olin/conformance/**/*.ts'];
/** The resource, the name of the test's file, and the title of the test. */
const ROW = /^\| ([^|]+) (?:\| [^|]+ ){3}\| `([^`]+)`: ([^|]+) \|$/gm;

test('each limit on the security page has a test of the given name', async () => {
  const page = await readFile(PAGE, 'utf8');
  const [, section = ''] = page.split('## Resource limits\n');
  const [table = ''] = section.split('\n## ');
  const rows = [...table.matchAll(ROW)];
  const lines = table.split('\n').filter((line) => line.startsWith('| ')).length;
  assert.equal(rows.length, lines - 2, 'a row without a test');
  assert.ok(rows.length > 30);
  const texts = new Map<string, string>();
  for await (const path of glob(FILES, { cwd: ROOT.pathname })) {
    const name = basename(path);
    texts.set(name, (texts.get(name) ?? '') + (await readFile(new URL(path, ROOT), 'utf8')));
  }
  const missing = rows
    .filter(([, , file = '', title = '']) => texts.get(file)?.includes(title) !== true)
    .map(([, what, file, title]) => `${what}: ${file}: ${title}`);
  assert.deepEqual(missing, []);
});
