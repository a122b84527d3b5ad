/** The security page promises bounds, each with the test that attacks it: those tests are there. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const ROOT = new URL('../', import.meta.url);
const PAGE = new URL('docs-site/src/content/docs/about/security.mdx', ROOT);
/** What, the test's file, and what it says. */
const ROW = /^\| ([^|]+) (?:\| [^|]+ ){3}\| `([^`]+)`: ([^|]+) \|$/gm;

test('each bound that the security page promises has a test of that name', async () => {
  const page = await readFile(PAGE, 'utf8');
  const [, section = ''] = page.split('## What a guest can use up\n');
  const [table = ''] = section.split('\n## ');
  const rows = [...table.matchAll(ROW)];
  const lines = table.split('\n').filter((line) => line.startsWith('| ')).length;
  assert.equal(rows.length, lines - 2, 'a row without a test');
  const missing = [];
  for (const [, what, file = '', title = ''] of rows) {
    const text = await readFile(new URL(file, ROOT), 'utf8').catch(() => '');
    if (!text.includes(title)) missing.push(`${what}: ${file}: ${title}`);
  }
  assert.deepEqual(missing, []);
});
