import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { inTemporaryFolder, readVersion, ROOT, runTool, type Toolchain } from '../toolchain.ts';
import { trim } from '../trim.ts';

/** Debian's rustc, even if the path has another one. */
const RUSTC = '/usr/bin/rustc';
const FLAGS = [
  '--target=wasm32-unknown-unknown --edition=2021 -D warnings',
  '-C opt-level=s -C panic=abort -C codegen-units=1 -C metadata=olin',
].flatMap((line) => line.split(' '));

export const toolchain: Toolchain = {
  wanted: 'rustc 1.63.0 (Debian packages rustc and libstd-rust-dev-wasm32)',
  find: async () => {
    const version = await readVersion(RUSTC);
    return version === undefined || (await hasTarget()) ? version : `${version} without the target`;
  },
  accepts: (found) => /^rustc 1\.63\.0(?!.*without)/.test(found),
  packages: ['rustc', 'cargo', 'libstd-rust-dev-wasm32', 'lld'],
  build: (source) =>
    inTemporaryFolder(async (folder) => {
      const library = join(folder, 'libolin.rlib');
      const module = join(folder, 'module.wasm');
      const flags = [...FLAGS, ...[folder, ROOT].map((path) => `--remap-path-prefix=${path}=`)];
      const libraryFlags = ['--crate-type=rlib', '--crate-name=olin', '-o', library];
      await runTool(RUSTC, [...flags, ...libraryFlags, 'sdk/rust/lib.rs']);
      const moduleFlags = [
        '--crate-type=cdylib',
        '--crate-name=main',
        '-C',
        'lto=fat',
        '-o',
        module,
      ];
      const extern = ['--extern', `olin=${library}`];
      await runTool(RUSTC, [...flags, ...moduleFlags, ...extern, relative(ROOT, source)]);
      return trim(await readFile(module));
    }),
};

/** Reports whether the standard library for WebAssembly is installed, which is a separate package. */
async function hasTarget(): Promise<boolean> {
  const folder = await runTool(RUSTC, ['--print=target-libdir', '--target=wasm32-unknown-unknown']);
  return existsSync(folder.trim());
}
