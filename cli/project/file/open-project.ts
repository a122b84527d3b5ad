/** Opens the project of a command and builds its module. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { ProjectBuildError } from '../../errors.ts';
import { findProject } from './find-project.ts';
import type { Project } from './project-keys.ts';
import { Text } from '../../terminal/text.ts';
import { makeVisible } from '../../olin/visible.ts';
import type { BuildOutcome } from '../build/build.ts';
import { suggestName } from '../scaffold.ts';

export interface OpenedProject {
  readonly folder: string;
  /** The name in trisiel.toml, or one derived from the folder. */
  readonly name: string;
  readonly build: string | undefined;
  readonly module: string | undefined;
  readonly entry: string | undefined;
  readonly files: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
  readonly static: string | undefined;
  /** Undefined if the folder has no trisiel.toml. */
  readonly project: Project | undefined;
}

/** @param folder the folder to search first; its parents are searched too */
export async function openProject(folder: string): Promise<OpenedProject> {
  const project = await findProject(folder);
  const root = project?.folder ?? folder;
  const suggested = suggestName(basename(root));
  return {
    folder: root,
    name: project?.name ?? (suggested === '' ? 'handler' : suggested),
    build: project?.build,
    module: project?.module,
    entry: project?.entry,
    files: project?.files,
    args: project?.args,
    static: project?.static,
    project,
  };
}

/** Builds the module. Throws a ProjectBuildError with the compiler's output. */
export async function buildOrFail(
  { out, progress, signal }: Pick<Context, 'out' | 'progress' | 'signal'>,
  opened: OpenedProject,
): Promise<Extract<BuildOutcome, { ok: true }>> {
  // The compilers are large, so they are loaded only when needed.
  const { buildProject } = await import('../build/build.ts');
  const outcome = await progress.during(
    `Building ${opened.name}`,
    buildProject(opened, { signal }),
  );
  if (!outcome.ok) throw new ProjectBuildError(outcome);
  if (outcome.output.trim() !== '') await out.note(describeCompiler(outcome.output));
  return outcome;
}

/** Formats compiler output, which may quote untrusted source code. */
export function describeCompiler(output: string): Text {
  return new Text(makeVisible(output.trimEnd()));
}

/** Whether the path is a folder. */
export async function isFolder(cwd: string, path: string): Promise<boolean> {
  const found = await stat(resolve(cwd, path)).catch(() => undefined);
  return found?.isDirectory() === true;
}
