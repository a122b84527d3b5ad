/** Builds a project's module with the command of its trisiel.toml or a built-in compiler, and checks the module. */
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { checkModule, inspect, InputError, type ModuleReport } from '../../../olin/index.ts';
import { UsageError } from '../../errors.ts';
import { compileOwn, findOwnSource, OWN_SOURCES } from './compilers.ts';
import { finishModule, type ModuleAdditions } from './finish-module.ts';
import { runShell } from './shell.ts';
import { adviseOnTools } from './toolchains.ts';

/** Inputs of a build. Commands run in the folder, and `module` is relative to it. */
export interface Buildable extends ModuleAdditions {
  /** The shell command. Without one, a source for a built-in compiler must be in the folder. */
  readonly build?: string | undefined;
  readonly module?: string | undefined;
}

export interface BuildOptions {
  /** Receives the compiler's output as it is written. */
  readonly onOutput?: (text: string) => void;
  /** Stops the build and all processes that it started. */
  readonly signal?: AbortSignal;
}

export type BuildOutcome =
  | {
      readonly ok: true;
      readonly path: string;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly report: ModuleReport;
      /** Compiler output. */
      readonly output: string;
    }
  | {
      readonly ok: false;
      /** One or two sentences: what is wrong and what to do. */
      readonly message: string;
      readonly output: string;
    };

const DEFAULT_MODULE = 'main.wasm';

export async function buildProject(
  project: Buildable,
  options: BuildOptions = {},
): Promise<BuildOutcome> {
  const path = resolve(project.folder, project.module ?? DEFAULT_MODULE);
  const made = await make(project, path, options);
  if (!made.ok) return made;
  const checked = await checkFile(path, relative(project.folder, path), project);
  return { ...checked, output: made.output };
}

/** Reads a module and checks that the runtime accepts it. */
async function checkFile(
  path: string,
  shown: string,
  additions: ModuleAdditions,
): Promise<
  | { ok: true; path: string; bytes: Uint8Array<ArrayBuffer>; report: ModuleReport }
  | { ok: false; message: string }
> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await readFile(path));
  } catch {
    return {
      ok: false,
      message: `The build succeeded, but did not write ${shown}. Set "module" in trisiel.toml to the file that it writes.`,
    };
  }
  try {
    bytes = await finishModule(bytes, additions);
    const report = inspect(bytes);
    checkModule(report);
    return { ok: true, path, bytes, report };
  } catch (error) {
    if (error instanceof UsageError) return { ok: false, message: error.message };
    if (!(error instanceof InputError)) throw error;
    return { ok: false, message: `${shown}: ${error.message}` };
  }
}

type Made =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly message: string; readonly output: string };

async function make(project: Buildable, path: string, options: BuildOptions): Promise<Made> {
  if (project.build !== undefined) return runCommand(project.build, project.folder, options);
  const source = await findOwnSource(project.folder);
  if (source === undefined) return { ok: false, message: nothingToBuild(), output: '' };
  const { ok, output } = await compileOwn(source, path);
  options.onOutput?.(output);
  if (ok) return { ok, output };
  return { ok, message: 'The compiler refused the source.', output };
}

function nothingToBuild(): string {
  return `There is nothing to build here: no "build" in a trisiel.toml, and no ${OWN_SOURCES.join(' or ')}. Create a project with: trisiel init`;
}

async function runCommand(command: string, folder: string, options: BuildOptions): Promise<Made> {
  const { onOutput, signal } = options;
  const { status, output } = await runShell(command, { cwd: folder, onOutput, signal });
  if (status === 0) return { ok: true, output };
  const advice = await adviseOnTools(command);
  const message = advice ?? `The build command exited with status ${status}.`;
  return { ok: false, message, output };
}
