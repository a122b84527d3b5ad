/**
 * `npm run pack`: packs the command `trisiel`. Its sources are compiled to JavaScript, because Node strips no types inside
 * node_modules, and its dependencies are the packages that it imports. Prints the path of the archive for
 * `npm install --global`.
 */
import { spawnSync } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { LANGUAGES } from '../sdk/languages.ts';
import { root, say } from './paths.ts';

/** Files that are read, not imported. */
const ASSETS = [
  'cli/templates/**/*',
  'sdk/javascript/engine.wasm',
  ...LANGUAGES.flatMap(({ id, project }) =>
    project.library === undefined ? [] : [`sdk/${id}/**/*`],
  ),
];
/** Modules that are imported by the names of their files. */
const FOUND_BY_FOLDER = ['cli/commands/**/*.ts', 'sdk/*/compile.ts', 'sdk/*/project.ts'];
/** Emitted as JavaScript; templates stay as they are. */
const IS_SOURCE = /^(?!.*\btemplates\b).*(?<!\.d)\.ts$/;
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g;

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

const [target = join(root, 'dist')] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'trisiel-pack-'));
try {
  await emit(folder);
  await copyAssets(folder);
  const manifest: Manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await writeManifest(folder, manifest);
  await mkdir(target, { recursive: true });
  run('npm', ['pack', '--pack-destination', resolve(target), '--silent'], folder);
  process.stdout.write(`${join(resolve(target), `trisiel-${manifest.version}.tgz`)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Copies everything that the command imports, under the same paths. */
async function emit(to: string): Promise<void> {
  const loaded = await Array.fromAsync(glob(FOUND_BY_FOLDER, { cwd: root }));
  const config = join(to, 'tsconfig.json');
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        // `npm run check` checks the types.
        noCheck: true,
        rootDir: root,
        outDir: to,
        rewriteRelativeImportExtensions: true,
        types: [],
      },
      include: [],
      files: ['cli/main.ts', ...loaded.filter((path) => !path.endsWith('.test.ts'))].map((path) =>
        join(root, path),
      ),
    }),
  );
  run(process.execPath, [join(root, 'node_modules/typescript7/bin/tsc'), '-p', config], root);
  await rm(config);
}

async function copyAssets(to: string): Promise<void> {
  for await (const entry of glob(ASSETS, { cwd: root, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || IS_SOURCE.test(path)) continue;
    await cp(path, join(to, path.slice(root.length)));
  }
  for (const path of ['cli/bin.mjs', 'LICENSE']) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await cp(join(root, path), join(to, path));
  }
}

async function writeManifest(to: string, manifest: Manifest): Promise<void> {
  const { version, license, engines, dependencies, optionalDependencies } = manifest;
  const imported = new Set<string>();
  for await (const path of glob('**/*.js', { cwd: to })) {
    for (const [, name = ''] of (await readFile(join(to, path), 'utf8')).matchAll(IMPORT)) {
      const parts = name.split('/');
      imported.add(name.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? ''));
    }
  }
  const used = Object.entries(dependencies).filter(([name]) => imported.has(name));
  await writeFile(
    join(to, 'package.json'),
    `${JSON.stringify(
      {
        name: 'trisiel',
        version,
        description:
          'Builds WebAssembly functions, runs them locally, and deploys them to a Trisiel server.',
        license,
        type: 'module',
        bin: { trisiel: 'cli/bin.mjs' },
        engines,
        dependencies: Object.fromEntries(used),
        optionalDependencies,
      },
      null,
      2,
    )}\n`,
  );
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, {
    cwd,
    // Only the path of the archive goes to standard output.
    stdio: ['ignore', 2, 'inherit'],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (status === 0) return;
  say(`${command} ${args[0] ?? ''} failed with exit status ${String(status)}.`);
  process.exit(1);
}
