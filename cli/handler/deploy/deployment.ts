/** Reads the inputs of a deployment from the command line and trisiel.toml before anything is sent. */
import { resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { ProjectBuildError, UsageError } from '../../errors.ts';
import { readInput } from '../../terminal/input.ts';
import { readEnvFile } from '../env-file.ts';
import {
  parsePolicySource,
  readPolicySource,
  type PolicySource,
} from '../../project/file/policy-source.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import type { Project } from '../../project/file/project-keys.ts';

/** Handler settings to change. Omitted fields keep their value. */
export interface HandlerFields {
  readonly description?: string;
  readonly mode?: 'sync' | 'async';
  readonly private?: boolean;
  readonly trace?: boolean;
}

export interface ModuleChoice {
  /** Module file named on the command line. */
  readonly module: string | undefined;
  readonly builds: boolean;
}

export async function readModule(
  context: Context,
  project: Project | undefined,
  { module, builds }: ModuleChoice,
): Promise<Uint8Array<ArrayBuffer>> {
  const { progress, signal, terminal } = context;
  if (module !== undefined) return readReady(terminal, module, project);
  if (!builds) {
    if (project?.module !== undefined) return readReady(terminal, project.module, project);
    throw new UsageError('No module is given. Name a file, or set module in trisiel.toml.');
  }
  const { buildProject } = await import('../../project/build/build.ts');
  const folder = project?.folder ?? resolve(terminal.cwd);
  const built = await progress.during(
    'Building …',
    buildProject({ ...project, folder }, { signal }),
  );
  if (built.ok) return (await import('../../../olin/index.ts')).dropDebugSections(built.bytes);
  throw new ProjectBuildError(built);
}

/**
 * Reads a module, adds the project's entry, files and arguments, and drops its debug sections. A file that is not a
 * module is returned unchanged; the server refuses it.
 */
async function readReady(
  terminal: Terminal,
  path: string,
  project: Project | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readInput(terminal, path);
  const { dropDebugSections, InputError } = await import('../../../olin/index.ts');
  const { finishModule } = await import('../../project/build/finish-module.ts');
  try {
    return dropDebugSections(project === undefined ? bytes : await finishModule(bytes, project));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (project?.entry !== undefined) throw new UsageError(`${path}: ${error.message}`);
    return bytes;
  }
}

export async function readPolicy(
  context: Context,
  project: Project | undefined,
  file: string | undefined,
): Promise<PolicySource | undefined> {
  if (file === undefined && project?.policy === undefined) return undefined;
  const source = await readPolicySource(context, file);
  await parsePolicySource(source);
  return source;
}

/** Merges the values of trisiel.toml and of the env files, which take precedence. */
export async function readConfiguration(
  { terminal }: Context,
  project: Project | undefined,
  files: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const set = new Map<string, string>();
  for (const file of files) {
    for (const [key, value] of await readEnvFile(terminal, file)) set.set(key, value);
  }
  for (const each of project?.config ?? []) {
    if (set.has(each.key)) continue;
    if ('value' in each) set.set(each.key, each.value);
    else {
      const value = terminal.env[each.variable];
      if (value === undefined) {
        throw new UsageError(
          `config.${each.key} takes its value from ${each.variable}, which is not set. Set it, or put ${each.key} into an --env-file.`,
        );
      }
      set.set(each.key, value);
    }
  }
  return set;
}
