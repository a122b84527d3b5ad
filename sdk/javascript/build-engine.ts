/**
 * Builds the engine: QuickJS-ng and engine/ with Zig, runtime/ with esbuild, and a snapshot of the first after it has
 * loaded the second. The bytes depend only on the sources and the pinned tools.
 */
import { access, cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { openSnapshot } from '../../olin/index.ts';
import { BuildError, inTemporaryFolder, ROOT, runTool, TOOLCHAINS } from '../toolchain.ts';
import { trim } from '../trim.ts';
import { toolchain as zig, ZIG, ZIG_CACHES } from '../zig/build.ts';

export const ENGINE_PATH = join(import.meta.dirname, 'engine.wasm');

/** The crate that has the C source, and the SHA-256 of its archive. */
const CRATE = 'rquickjs-sys';
const CRATE_VERSION = '0.14.0';
const CRATE_DIGEST = 'cee271d0eeba64f0915b846cb7ae02e16faf3dfdffdca91731101d9d30fe3423';
const SOURCES = join(TOOLCHAINS, `quickjs-${CRATE_VERSION}`);

const FLAGS = [
  '--target=wasm32-wasi',
  '-mcpu=generic+bulk_memory+multivalue+nontrapping_fptoint+sign_ext',
  '-mexec-model=reactor',
  // A third smaller than -O2, for 6 % more gas.
  '-Os',
  '-g0',
  '-s',
  '-fno-sanitize=all',
  '-fno-stack-protector',
  '-Wno-everything',
  ...['NDEBUG', 'EMSCRIPTEN', '_GNU_SOURCE', 'FE_DOWNWARD=0', 'FE_UPWARD=0'].map(
    (name) => `-D${name}`,
  ),
  '-Wl,--no-entry',
  '-Wl,-z,stack-size=393216',
  '-Wl,--export-memory',
];

/** The exports to keep; the others are no longer needed. */
const EXPORTS = new Set(['memory', '_start', 'trisiel_initialize']);

/** Throws an Error that names the missing tool. */
export async function buildEngine(install: boolean): Promise<Uint8Array<ArrayBuffer>> {
  await findZig(install);
  await fetchSources();
  const [core, layer] = await Promise.all([compileCore(), bundleLayer()]);
  const compiler = await openSnapshot(core, 'trisiel_compile_layer');
  const bytecode = compiler.take(new TextEncoder().encode(layer)).output;
  const engine = await openSnapshot(core, 'trisiel_prepare');
  return Uint8Array.from(trim(engine.take(bytecode).module, EXPORTS));
}

async function findZig(install: boolean): Promise<void> {
  let found = await zig.find();
  if (found === undefined && install) {
    await zig.install?.();
    found = await zig.find();
  }
  if (found === undefined || !zig.accepts(found)) {
    throw new BuildError(`The engine needs ${zig.wanted}; found ${found ?? 'none'}.`);
  }
}

/** Fetches the C source once. cargo checks the archive against its index, and this function against the digest here. */
async function fetchSources(): Promise<void> {
  const isThere = await access(join(SOURCES, 'quickjs.c')).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  await inTemporaryFolder(async (folder) => {
    const manifest = `[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "lib.rs"\n[dependencies]\n${CRATE} = "=${CRATE_VERSION}"\n`;
    await writeFile(join(folder, 'Cargo.toml'), manifest);
    await writeFile(join(folder, 'lib.rs'), '');
    await runTool('cargo', ['vendor', '--quiet', 'vendor'], folder);
    const crate = join(folder, 'vendor', CRATE);
    const sums: unknown = JSON.parse(await readFile(join(crate, '.cargo-checksum.json'), 'utf8'));
    const digest =
      typeof sums === 'object' && sums !== null && 'package' in sums ? sums.package : undefined;
    if (digest !== CRATE_DIGEST) {
      throw new BuildError(`${CRATE} ${CRATE_VERSION} has the digest ${String(digest)}.`);
    }
    await mkdir(TOOLCHAINS, { recursive: true });
    // Renamed at the end, so that the folder is complete or absent.
    const half = `${SOURCES}.new`;
    await cp(join(crate, 'quickjs'), half, { recursive: true });
    await rename(half, SOURCES);
  });
}

function compileCore(): Promise<Uint8Array> {
  return inTemporaryFolder(async (folder) => {
    const out = join(folder, 'core.wasm');
    const files = ['dtoa.c', 'libregexp.c', 'libunicode.c'].map((name) => join(SOURCES, name));
    const own = join(import.meta.dirname, 'engine', 'engine.c');
    const paths = [own, ...files].map((path) => relative(ROOT, path));
    const includes = [SOURCES, join(import.meta.dirname, 'engine')].map(
      (path) => `-I${relative(ROOT, path)}`,
    );
    await runTool(ZIG, ['cc', ...FLAGS, ...includes, '-o', out, ...paths], ROOT, {
      ZIG_GLOBAL_CACHE_DIR: ZIG_CACHES,
      ZIG_LOCAL_CACHE_DIR: join(folder, 'cache'),
    });
    return readFile(out);
  });
}

/** Returns the web API layer as a script whose value is the function that installs it. */
async function bundleLayer(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'runtime', 'main.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'layer',
    target: 'es2024',
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: false,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
  });
  return `(() => {${outputFiles[0]?.text ?? ''};return layer.install})()`;
}
