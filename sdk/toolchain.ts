/** What the build of the examples knows of a language: `sdk/<language>/build.ts` exports one of these. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Diagnostic } from './diagnostic.ts';

export interface Toolchain {
  /** The pinned tool and version, and where it comes from: `clang 14.0 (Debian packages clang and lld)`. */
  readonly wanted: string;
  /** Tells what is installed, such as `clang 14.0.6`; undefined where there is nothing. */
  readonly find: () => Promise<string | undefined>;
  /** Whether what was found builds the committed bytes. */
  readonly accepts: (found: string) => boolean;
  /** Debian packages that bring it. */
  readonly packages: readonly string[];
  /** Installs it where no Debian package does. */
  readonly install?: () => Promise<void>;
  /** Builds the source file, given by its path. Throws a BuildError with what the compiler said. */
  readonly build: (source: string) => Promise<Uint8Array>;
}

/** The compiler's own words about a source that it refused. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

/** The root of the checkout. Builds run with paths relative to it, so that no machine's path ends in a module. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Where toolchains that no package manager brings are kept. */
export const TOOLCHAINS = join(ROOT, '.trisiel', 'toolchains');

const runFile = promisify(execFile);

/** Runs a tool in the folder and gives its standard output. Throws a BuildError with what it said. */
export async function runTool(tool: string, args: readonly string[], cwd = ROOT): Promise<string> {
  try {
    // Tools speak English, and know no other place than the one they are told.
    const env = { ...process.env, LC_ALL: 'C.UTF-8', SOURCE_DATE_EPOCH: '0' };
    const { stdout } = await runFile(tool, args, { cwd, env, maxBuffer: 1 << 26 });
    return stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new BuildError(said === '' ? String(error) : said, { cause: error });
  }
}

/** The first line of what `TOOL --version` prints; undefined where there is no such tool. */
export async function readVersion(tool: string, flag = '--version'): Promise<string | undefined> {
  try {
    return (await runTool(tool, [flag])).split('\n')[0];
  } catch {
    return undefined;
  }
}

/** Gives the work a new, empty folder, which is gone afterwards. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The version of a package in node_modules; undefined where it is not installed. */
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

/** Throws what a compiler that runs in this process said, as the other compilers write it. */
export function describeDiagnostics(source: string, diagnostics: readonly Diagnostic[]): never {
  throw new BuildError(
    diagnostics
      .map(
        (one) => `${one.file ?? source}:${one.line}:${one.column}: ${one.severity}: ${one.message}`,
      )
      .join('\n'),
  );
}
