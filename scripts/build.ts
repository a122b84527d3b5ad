/** Builds the documentation into dist/, unless dist/ is already what the sources give. */
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compressSite } from './compress.ts';
import { root, runNode, say, siteDir } from './paths.ts';

/** What the built site depends on. */
const SOURCES = [
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
  'server/api/auth/scopes.ts',
  'server/config.ts',
  'server/problems.ts',
  'server/tiers.ts',
];
const STAMP = join(siteDir, '.built');

/** Returns whether anything had to be built. Ends the program where the build fails. */
export async function buildSite(): Promise<boolean> {
  const digest = await digestSources();
  if ((await readFile(STAMP, 'utf8').catch(() => '')) === digest) return false;
  say('Building the documentation (about 20 seconds) …');
  const astro = join(root, 'node_modules/astro/bin/astro.mjs');
  const status = await runNode([astro, 'build', '--silent'], {
    ASTRO_TELEMETRY_DISABLED: '1',
    NODE_ENV: 'production',
  });
  if (status !== 0) {
    say('The documentation could not be built; the reason stands above.');
    process.exit(1);
  }
  await compressSite(siteDir);
  await writeFile(STAMP, digest);
  return true;
}

async function digestSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) await addToHash(hash, join(root, source));
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
  say(built ? `The documentation is in ${siteDir}.` : 'The documentation is up to date.');
}
