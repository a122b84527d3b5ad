import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SetAside } from './set-aside.ts';

test('any number of lines set aside does not fill the disk', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-aside-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const aside = new SetAside(folder, 1000);
  for (let i = 0; i < 50; i++) await aside.add(Buffer.from(`${i} ${'x'.repeat(90)}\n`));
  const [now, before] = [join(folder, 'refused.jsonl'), join(folder, 'refused-before.jsonl')];
  for (const path of [now, before]) assert.ok((await stat(path)).size <= 1000);
  assert.match(await readFile(now, 'utf8'), /^49 x+\n$/m);
  await aside.add(Buffer.alloc(5000, 'y'));
  assert.equal(await readFile(now, 'utf8'), `${'y'.repeat(1000)}\n`);
});
