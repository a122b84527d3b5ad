import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { inTemporaryFolder, readVersion, ROOT, runTool, type Toolchain } from '../toolchain.ts';
import { trim } from '../trim.ts';

const COMPILE =
  '-c --target=wasm32 -std=c17 -O2 -ffreestanding -mbulk-memory -flto -Wall -Wextra -Werror -Isdk/c'.split(
    ' ',
  );
const LINK = '--lto-O2 --stack-first -z stack-size=65536'.split(' ');

export const toolchain: Toolchain = {
  wanted: 'clang 14.0 (Debian packages clang and lld)',
  find: async () =>
    (await readVersion('wasm-ld')) === undefined ? undefined : readVersion('clang'),
  accepts: (found) => found.includes('clang version 14.0.'),
  packages: ['clang', 'lld'],
  build: (source) =>
    inTemporaryFolder(async (folder) => {
      const library = (await readdir(join(ROOT, 'sdk/c')))
        .filter((name) => name.endsWith('.c'))
        .sort();
      const sources = [relative(ROOT, source), ...library.map((name) => `sdk/c/${name}`)];
      const objects = sources.map((_, i) => join(folder, `${i}.o`));
      await Promise.all(
        sources.map((one, i) => runTool('clang', [...COMPILE, one, '-o', objects[i] ?? ''])),
      );
      const module = join(folder, 'module.wasm');
      // Not linked by clang, which would run wasm-opt on machines that have it and so change the bytes.
      await runTool('wasm-ld', [...LINK, ...objects, '-o', module]);
      return trim(await readFile(module));
    }),
};
