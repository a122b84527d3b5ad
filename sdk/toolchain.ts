/** The toolchain of a guest language. `sdk/<language>/build.ts` exports one for the build of the examples. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Diagnostic } from './diagnostic.ts';
import type { LanguageId } from './languages.ts';

export interface Toolchain {
  /** The required tool, its version and its source: `clang 14.0 (Debian packages clang and lld)`. */
  readonly wanted: string;
  /** Returns the installed version, such as `clang 14.0.6`; undefined if none is installed. */
  readonly find: () => Promise<string | undefined>;
  /** Reports whether the installed version builds the committed bytes. */
  readonly accepts: (found: string) => boolean;
  /** Debian packages that contain it. */
  readonly packages: readonly string[];
  /** Installs what no Debian package contains. */
  readonly install?: () => Promise<void>;
  /** Builds a source file. Throws a BuildError with the compiler's output. @param source path of the file */
  readonly build: (source: string) => Promise<Uint8Array>;
}

/** A compiler refused a source. The message is the compiler's output. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

/** The root of the repository. Builds use paths relative to it, so that modules contain no path of a machine. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Folder of the toolchains that no package manager installs. */
export const TOOLCHAINS = join(ROOT, '.trisiel', 'toolchains');

const runFile = promisify(execFile);

/** Loads the pinned toolchain of a language. */
export async function loadToolchain(id: LanguageId): Promise<Toolchain> {
  const module: { readonly toolchain: Toolchain } = await import(
    new URL(`${id}/build.ts`, import.meta.url).href
  );
  return module.toolchain;
}

/** Runs a tool in a folder and returns its standard output. Throws a BuildError with its standard error. */
export async function runTool(
  tool: string,
  args: readonly string[],
  cwd = ROOT,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    // Output must not depend on the machine's language or clock.
    const env = { ...process.env, LC_ALL: 'C.UTF-8', SOURCE_DATE_EPOCH: '0', ...variables };
    const { stdout } = await runFile(tool, args, { cwd, env, maxBuffer: 1 << 26 });
    return stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new BuildError(said === '' ? String(error) : said, { cause: error });
  }
}

/** Returns the first line of the output of `TOOL --version`; undefined if the tool is not installed. */
export async function readVersion(tool: string, flag = '--version'): Promise<string | undefined> {
  try {
    return (await runTool(tool, [flag])).split('\n')[0];
  } catch {
    return undefined;
  }
}

/** Calls `work` with a new, empty folder, and deletes it afterwards. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the version of a package in node_modules; undefined if it is not installed. */
export async function readPackageVersion(name: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
    const found: unknown = JSON.parse(text);
    const known = typeof found === 'object' && found !== null && 'version' in found;
    return known ? String(found.version) : undefined;
  } catch {
    return undefined;
  }
}

/** Throws a BuildError with diagnostics in the format of other compilers: `FILE:LINE:COLUMN: SEVERITY: MESSAGE`. */
export function describeDiagnostics(source: string, diagnostics: readonly Diagnostic[]): never {
  throw new BuildError(
    diagnostics
      .map(
        (one) => `${one.file ?? source}:${one.line}:${one.column}: ${one.severity}: ${one.message}`,
      )
      .join('\n'),
  );
}
