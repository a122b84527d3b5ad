/** Go builds for WASI: a program of its standard library is a handler as it stands, with no library of ours. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inTemporaryFolder, readVersion, runTool, type Toolchain } from '../toolchain.ts';

/** The least version whose modules were tried. */
const LEAST_MINOR = 24;

export const toolchain: Toolchain = {
  wanted: `Go 1.${LEAST_MINOR} or later (https://go.dev/dl/)`,
  find: () => readVersion('go', 'version'),
  accepts(found) {
    const minor = /\bgo1\.(\d+)/.exec(found)?.[1];
    return minor !== undefined && Number(minor) >= LEAST_MINOR;
  },
  packages: [],
  build: (source) =>
    inTemporaryFolder(async (folder) => {
      await copyFile(source, join(folder, basename(source)));
      await writeFile(join(folder, 'go.mod'), `module handler\n\ngo 1.${LEAST_MINOR}\n`);
      const module = join(folder, 'module.wasm');
      // By `env`, since tools get this process's own environment.
      const wasip1 = ['GOOS=wasip1', 'GOARCH=wasm', 'GOTOOLCHAIN=local', 'GOFLAGS=-mod=mod'];
      const flags = ['build', '-trimpath', '-ldflags=-s -w', '-o', module, '.'];
      await runTool('env', [...wasip1, 'go', ...flags], folder);
      return readFile(module);
    }),
};
