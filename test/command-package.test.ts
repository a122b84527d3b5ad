/** The package of the command, as `npm install` puts it into node_modules, where Node strips no types. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../scripts/paths.ts';

const run = promisify(execFile);

test('an installed package makes, builds and runs a handler with what it says it depends on', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-package-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const pack = join(root, 'scripts/pack-command.ts');
  const { stdout: archive } = await run(process.execPath, [pack, folder]);
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, 'trisiel'), { recursive: true });
  await run('tar', ['xzf', archive.trim(), '-C', join(modules, 'trisiel'), '--strip-components=1']);
  const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
    await readFile(join(modules, 'trisiel/package.json'), 'utf8'),
  );
  for (const name of Object.keys(manifest.dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }

  const trisiel = async (cwd: string, ...argv: string[]): Promise<string> => {
    const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
    const bin = join(modules, 'trisiel/cli/bin.mjs');
    return (await run(process.execPath, [bin, ...argv], { cwd, env })).stdout;
  };
  assert.match(await trisiel(folder, '--help'), /deploy +Deploy a handler/);
  assert.match(await trisiel(folder, '--version'), /^\d+\.\d+\.\d+\n$/);
  for (const language of ['wat', 'as']) {
    await trisiel(folder, 'init', language, '--language', language);
    const made = join(folder, language);
    await trisiel(made, 'build');
    assert.match(await trisiel(made, 'run'), /\w/);
  }
  await trisiel(folder, 'policy', 'check', 'wat/handler.policy');
  await assert.rejects(
    trisiel(folder, 'whoami', '--server', 'http://127.0.0.1:9'),
    /not signed in/,
  );
});
