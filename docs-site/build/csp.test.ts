import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { collectScriptHashes, hashScripts } from './csp.ts';

const hash = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

test('an inline script runs, because its exact text is hashed, including spaces', () => {
  assert.deepEqual(hashScripts('<p><script type="module"> let a = 1;\n</script>'), [
    hash(' let a = 1;\n'),
  ]);
});

test('a script from a file and a block of data need no hash', () => {
  const html = `<script src="/a.js"></script><script type="application/json">{"a":1}</script>`;
  assert.deepEqual(hashScripts(html), []);
});

test('the same script on many pages is listed once', async () => {
  const dist = await mkdtemp(join(tmpdir(), 'csp-'));
  try {
    await mkdir(join(dist, 'a'));
    await writeFile(join(dist, 'index.html'), '<script>one</script><script>two</script>');
    await writeFile(join(dist, 'a', 'index.html'), '<script>one</script>');
    assert.deepEqual(await collectScriptHashes(dist), [hash('one'), hash('two')].sort());
  } finally {
    await rm(dist, { recursive: true });
  }
});
