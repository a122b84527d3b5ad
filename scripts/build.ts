/** Builds the documentation and the panel into dist/, unless dist/ is up to date. */
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compressSite } from './compress.ts';
import { root, runNode, say, siteDir } from './paths.ts';

/** Sources of the panel. */
const PANEL_SOURCES = [
  'client',
  'docs-site/src/styles/tokens.css',
  'olin',
  'package-lock.json',
  'panel',
  'playground/editor/editor-theme.ts',
  'playground/editor/editor-worker.ts',
  'playground/editor/plain-editor.ts',
  'scripts/build.ts',
];
/** Sources of the documentation. */
const SITE_SOURCES = [
  'astro.config.mjs',
  'bench',
  'cli',
  'docs-site',
  'examples',
  'olin',
  'package-lock.json',
  'playground',
  'scripts/build.ts',
  'scripts/compress.ts',
  'sdk',
  'server/auth/scopes.ts',
  'server/problems/problems.ts',
  'server/settings.ts',
  'server/tiers.ts',
];
const panelDir = join(siteDir, 'panel');

interface Part {
  readonly name: string;
  readonly sources: readonly string[];
  readonly dir: string;
  readonly args: readonly string[];
}

/** Ordered: the documentation build empties the folder that contains the panel's output. */
const PARTS: readonly Part[] = [
  {
    name: 'documentation (about 20 seconds)',
    sources: SITE_SOURCES,
    dir: siteDir,
    args: [join(root, 'node_modules/astro/bin/astro.mjs'), 'build', '--silent'],
  },
  {
    name: 'panel',
    sources: PANEL_SOURCES,
    dir: panelDir,
    args: [
      join(root, 'node_modules/vite/bin/vite.js'),
      ...['build', '--config', 'panel/vite.config.ts', '--logLevel', 'warn'],
    ],
  },
];

/** Returns whether anything was built. Exits if a build fails. */
export async function buildSite(): Promise<boolean> {
  let isChanged = false;
  for (const part of PARTS) isChanged = (await buildPart(part)) || isChanged;
  return isChanged;
}

async function buildPart({ name, sources, dir, args }: Part): Promise<boolean> {
  const stamp = join(dir, '.built');
  const digest = await digestSources(sources);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === digest) return false;
  say(`Building the ${name} …`);
  const status = await runNode(args, { ASTRO_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' });
  if (status !== 0) {
    say(`The build of the ${name.replace(/ \(.*/, '')} failed; the reason is above.`);
    process.exit(1);
  }
  await compressSite(dir);
  await writeFile(stamp, digest);
  return true;
}

async function digestSources(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) await addToHash(hash, join(root, source));
  return hash.digest('hex');
}

async function addToHash(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => null);
  const files =
    entries === null
      ? [path]
      : entries
          .filter((each) => each.isFile() && !each.name.endsWith('.test.ts'))
          .map((each) => join(each.parentPath, each.name))
          .sort();
  for (const file of files)
    hash
      .update(file.slice(root.length))
      .update('\0')
      .update(await readFile(file));
}

if (import.meta.main) {
  const built = await buildSite();
  say(built ? `The site is in ${siteDir}.` : 'The site is up to date.');
}
