import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { unlinkLazyStyles } from './lazy-styles.ts';

test('a page does not wait for a stylesheet that a script loads later, and keeps its own', async () => {
  const dist = await mkdtemp(join(tmpdir(), 'styles-'));
  try {
    await mkdir(join(dist, '_astro'));
    await writeFile(join(dist, '_astro/editor.a1.css'), '');
    await writeFile(join(dist, '_astro/page.b2.css'), '');
    await writeFile(
      join(dist, '_astro/page.js'),
      'load(["_astro/editor.js","_astro/editor.a1.css"])',
    );
    const own = '<link rel="stylesheet" href="/_astro/page.b2.css">';
    const page = join(dist, 'index.html');
    await writeFile(page, `${own}<link rel="stylesheet" href="/_astro/editor.a1.css">`);
    assert.deepEqual(await unlinkLazyStyles(dist), ['editor.a1.css']);
    assert.equal(await readFile(page, 'utf8'), own);
  } finally {
    await rm(dist, { recursive: true });
  }
});
