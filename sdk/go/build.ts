/** Builds Go programs for WASI. They need no library: the standard library is sufficient for a handler. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inTemporaryFolder, readVersion, runTool, type Toolchain } from '../toolchain.ts';

/** Minimum minor version of Go 1 that is tested. */
const MIN_MINOR = 24;

export const toolchain: Toolchain = {
  wanted: `Go 1.${MIN_MINOR} or later (https://go.dev/dl/)`,
  find: () => readVersion('go', 'version'),
  accepts(found) {
    const minor = /\bgo1\.(\d+)/.exec(found)?.[1];
    return minor !== undefined && Number(minor) >= MIN_MINOR;
  },
  packages: [],
  build: (source) =>
    inTemporaryFolder(async (folder) => {
      await copyFile(source, join(folder, basename(source)));
      await writeFile(join(folder, 'go.mod'), `module handler\n\ngo 1.${MIN_MINOR}\n`);
      const module = join(folder, 'module.wasm');
      // Set by `env`, because `runTool` passes this process's environment.
      const wasip1 = ['GOOS=wasip1', 'GOARCH=wasm', 'GOTOOLCHAIN=local', 'GOFLAGS=-mod=mod'];
      const flags = ['build', '-trimpath', '-ldflags=-s -w', '-o', module, '.'];
      await runTool('env', [...wasip1, 'go', ...flags], folder);
      return readFile(module);
    }),
};
