import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findBrokenLinks } from './links.ts';

const SITE = 'https://docs.example.com';

async function check(pages: Record<string, string>): Promise<string[]> {
  const dist = await mkdtemp(join(tmpdir(), 'links-'));
  try {
    for (const [path, text] of Object.entries(pages)) {
      await mkdir(join(dist, path, '..'), { recursive: true });
      await writeFile(join(dist, path), text);
    }
    const broken = await findBrokenLinks(dist, SITE);
    return broken.map(({ page, href, reason }) => `${page} ${href} ${reason}`);
  } finally {
    await rm(dist, { recursive: true });
  }
}

test('links to pages, ids and files are accepted; a broken link is reported with its page', async () => {
  const broken = await check({
    'index.html':
      '<a href="/a/">a</a> <a href="/a/#there">b</a> <img src="/x.png"> <a href="/gone/">c</a>',
    'a/index.html': '<h2 id="there">There</h2>',
    'x.png': '',
  });
  assert.deepEqual(broken, ['/ /gone/ no such page']);
});

test('a link to a missing id is broken', async () => {
  const broken = await check({
    'index.html': '<a href="#no">a</a><p id="yes"></p><a href="#yes">b</a>',
  });
  assert.deepEqual(broken, ['/ #no no id "no" on the page']);
});

test('a link without the final slash is reported, because it would be redirected', async () => {
  const broken = await check({ 'index.html': '<a href="/a">a</a>', 'a/index.html': '' });
  assert.deepEqual(broken, ['/ /a the final slash is missing']);
});

test('links with the full URL of the site are checked, links to other sites are not', async () => {
  const broken = await check({
    'index.html': `<a href="${SITE}/no/">a</a> <a href="https://example.org/no/">b</a>`,
  });
  assert.deepEqual(broken, [`/ ${SITE}/no/ no such page`]);
});

test('a missing social card is reported', async () => {
  const broken = await check({
    'index.html': `<meta property="og:image" content="${SITE}/cards/index.png">`,
  });
  assert.deepEqual(broken, [`/ ${SITE}/cards/index.png no such page`]);
});
