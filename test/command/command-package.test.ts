/** The package of the command, installed by `npm install` into node_modules, where Node does not strip types. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../../scripts/paths.ts';
import { atEnd } from '../setup/at-end.ts';

const run = promisify(execFile);

/** Installs the command in `node_modules` of the folder, beside its dependencies. Returns a function that runs it. */
async function install(
  folder: string,
): Promise<(cwd: string, ...argv: string[]) => Promise<string>> {
  const modules = join(folder, 'node_modules');
  const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
    await readFile(join(modules, 'trisiel/package.json'), 'utf8'),
  );
  for (const name of Object.keys(manifest.dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  return async (cwd, ...argv) => {
    const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
    const bin = join(modules, 'trisiel/cli/bin.mjs');
    const { stdout, stderr } = await run(process.execPath, [bin, ...argv], { cwd, env });
    assert.doesNotMatch(stderr, /Warning/);
    return stdout;
  };
}

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-package-'));
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'node_modules/trisiel'), { recursive: true });
  return folder;
}

test('the package creates, builds and runs a handler with only its declared dependencies', async (t) => {
  const folder = await newFolder(t);
  const pack = join(root, 'scripts/pack-command.ts');
  const { stdout: archive } = await run(process.execPath, [pack, folder]);
  const place = join(folder, 'node_modules/trisiel');
  await run('tar', ['xzf', archive.trim(), '-C', place, '--strip-components=1']);
  const trisiel = await install(folder);
  assert.match(await trisiel(folder, '--help'), /deploy +Deploy a handler/);
  assert.match(await trisiel(folder, '--version'), /^\d+\.\d+\.\d+\n$/);
  for (const language of ['wat', 'as', 'ts']) {
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

test('a checkout installed as a package works too', async (t) => {
  const folder = await newFolder(t);
  for (const path of ['cli', 'client', 'olin', 'sdk', 'server/tiers.ts', 'package.json']) {
    const filter = (each: string): boolean => !/testdata|\.test\.ts$/.test(each);
    await cp(join(root, path), join(folder, 'node_modules/trisiel', path), {
      recursive: true,
      filter,
    });
  }
  const trisiel = await install(folder);
  await writeFile(join(folder, 'handler.policy'), 'gas-limit 1000\n');
  assert.match(await trisiel(folder, 'policy', 'check', 'handler.policy'), /1,000 instructions/);
});
