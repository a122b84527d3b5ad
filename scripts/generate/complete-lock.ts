/**
 * Completes package-lock.json after `npm install`. If the registry lacks an optional package of another platform, npm
 * omits it from the lock file, and `npm ci` then rejects the lock file everywhere. This adds the missing entries, with
 * their version and platform, so that npm skips them on other platforms.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../paths.ts';

interface LockEntry {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const OPERATING_SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/android/, 'android'],
  [/darwin/, 'darwin'],
  [/freebsd/, 'freebsd'],
  [/linux/, 'linux'],
  [/openharmony/, 'openharmony'],
  [/win32|windows/, 'win32'],
];
const PROCESSORS = [
  'wasm32',
  'arm64',
  'arm',
  'ia32',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
  'loong64',
];

const path = join(root, 'package-lock.json');
const lock: { packages: Record<string, LockEntry> } = JSON.parse(await readFile(path, 'utf8'));
let added = 0;
for (const [parent, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(parent, name)) continue;
    lock.packages[`node_modules/${name}`] = { version, optional: true, ...platformOf(name) };
    added++;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
);
await writeFile(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`${added} entries added.\n`);

/** Whether the parent would find the package in its own folder or in one above. */
function isLocked(parent: string, name: string): boolean {
  for (let folder = parent; ; folder = folder.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

/** Reads the platform out of a name such as `@pagefind/windows-arm64`. */
function platformOf(name: string): LockEntry {
  const os = OPERATING_SYSTEMS.find(([pattern]) => pattern.test(name))?.[1];
  const cpu = PROCESSORS.find((each) => name.includes(each));
  return {
    ...(os === undefined ? {} : { os: [os] }),
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(name.includes('musl') ? { libc: ['musl'] } : {}),
  };
}
