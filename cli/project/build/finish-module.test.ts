import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from '../../../olin/index.ts';
import { compile } from '../../../sdk/wat/compile.ts';
import { finishModule } from './finish-module.ts';

test('files of a project are packed by pattern, without secrets, packages and links', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-files-'));
  context.after(() => rm(folder, { recursive: true }));
  for (const path of [
    'pages/a.html',
    'pages/deep/b.html',
    '.env',
    'pages/.secret',
    'node_modules/x.js',
    'main.c',
  ]) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), path);
  }
  await symlink('/etc/passwd', join(folder, 'pages/link'));
  await symlink('/etc', join(folder, 'outside'));
  const built = await compile('(module (func (export "_start")))');
  assert.ok(built.ok);
  const packed = async (files: readonly string[]): Promise<string[]> =>
    inspect(await finishModule(built.module, { folder, files, args: ['-v'] })).files.map(
      ({ path }) => path,
    );
  assert.deepEqual(await packed(['pages/**']), ['pages/a.html', 'pages/deep/b.html']);
  assert.deepEqual(await packed(['**']), ['main.c', 'pages/a.html', 'pages/deep/b.html']);
  assert.deepEqual(await packed(['*.c', 'pages/*.html']), ['main.c', 'pages/a.html']);
  for (const pattern of ['none/*', '.env', 'outside/passwd', 'pages/link', 'pages']) {
    await assert.rejects(packed([pattern]), /matches no file in .+ names that begin with a dot/);
  }
  // Static files are packed too, and patterns may overlap.
  const site = inspect(
    await finishModule(built.module, { folder, files: ['pages/*'], static: 'pages' }),
  );
  assert.deepEqual(
    site.files.map(({ path }) => path),
    ['pages/a.html', 'pages/deep/b.html'],
  );
  const bare = await finishModule(built.module, { folder });
  assert.equal(bare, built.module);
});
