import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  inTemporaryFolder,
  readVersion,
  ROOT,
  runTool,
  TOOLCHAINS,
  type Toolchain,
} from '../toolchain.ts';
import { trim } from '../trim.ts';

const VERSION = '0.13.0';
const FOLDER = join(TOOLCHAINS, 'zig');
export const ZIG = join(FOLDER, 'ziglang', 'zig');
export const ZIG_CACHES = join(TOOLCHAINS, 'zig-cache');

const FLAGS =
  'build-exe -target wasm32-freestanding -O ReleaseSmall -fno-strip -fno-entry --export=_start --stack 65536'.split(
    ' ',
  );

export const toolchain: Toolchain = {
  wanted: `zig ${VERSION} (PyPI package ziglang)`,
  find: () => readVersion(ZIG, 'version'),
  accepts: (found) => found === VERSION,
  packages: [],
  install: () =>
    inTemporaryFolder(async (folder) => {
      if ((await readVersion('python3', '-mpip')) === undefined) {
        throw new Error('Zig is installed with pip: install pip first (Debian: python3-pip).');
      }
      const download = ['-m', 'pip', 'download', '--no-deps', '--quiet', '--dest', folder];
      await runTool('python3', [...download, `ziglang==${VERSION}`]);
      const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl')) ?? '';
      await runTool('python3', ['-m', 'zipfile', '-e', join(folder, wheel), FOLDER]);
      await runTool('chmod', ['+x', ZIG]);
    }),
  build: (source) =>
    inTemporaryFolder(async (folder) => {
      const module = join(folder, 'module.wasm');
      const caches = ['--global-cache-dir', ZIG_CACHES];
      caches.push('--cache-dir', join(folder, 'cache'));
      const sources = [
        '--dep',
        'olin',
        `-Mroot=${relative(ROOT, source)}`,
        '-Molin=sdk/zig/olin.zig',
      ];
      await runTool(ZIG, [...FLAGS, ...caches, `-femit-bin=${module}`, ...sources]);
      return trim(await readFile(module));
    }),
};
