import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { inTemporaryFolder, readVersion, ROOT, runTool, type Toolchain } from '../toolchain.ts';
import { trim } from '../trim.ts';

const FLAGS = [
  '--target=wasm32 -std=c17 -O2 -ffreestanding -nostdlib -mbulk-memory -flto',
  '-Wall -Wextra -Werror -Isdk/c -Wl,--lto-O2 -Wl,--stack-first -Wl,-z,stack-size=65536',
].flatMap((line) => line.split(' '));

export const toolchain: Toolchain = {
  wanted: 'clang 14.0 (Debian packages clang and lld)',
  find: () => readVersion('clang'),
  accepts: (found) => found.includes('clang version 14.0.'),
  packages: ['clang', 'lld'],
  build: (source) =>
    inTemporaryFolder(async (folder) => {
      const library = (await readdir(join(ROOT, 'sdk/c')))
        .filter((name) => name.endsWith('.c'))
        .sort();
      const sources = [relative(ROOT, source), ...library.map((name) => `sdk/c/${name}`)];
      const module = join(folder, 'module.wasm');
      await runTool('clang', [...FLAGS, ...sources, '-o', module]);
      return trim(await readFile(module));
    }),
};
