/** The project of this folder: its trisiel.toml, its policy, the variables that it takes. */
import { relative } from 'node:path';
import type { Context } from '../context.ts';
import { CommandError } from '../errors.ts';
import { findOwnSource } from '../project/build/compilers.ts';
import { readEnvironment, readPolicy } from '../project/production.ts';
import { note, ok, problem, type Finding } from './finding.ts';

export interface ProjectCheck {
  readonly findings: readonly Finding[];
  /** The build command, where there is one. */
  readonly build: string | undefined;
}

export async function checkProject(context: Context): Promise<ProjectCheck> {
  const { settings, terminal } = context;
  try {
    const project = await settings.project();
    if (project === undefined) {
      return {
        findings: [note('Project', 'There is no trisiel.toml here.', 'Make one: trisiel init')],
        build: undefined,
      };
    }
    await readPolicy(terminal, project, undefined);
    await readEnvironment(context, project, { pairs: [], files: [] });
    const source = await findOwnSource(project.folder);
    const { build, name = 'no name', path } = project;
    const shown = relative(terminal.cwd, path);
    if (build === undefined && source === undefined) {
      const advice = 'Set "build", or write a main.as or main.wat.';
      return { findings: [problem('Project', `${shown} has nothing to build.`, advice)], build };
    }
    return { findings: [ok('Project', `${shown} is valid: ${name}`)], build };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return {
      findings: [problem('Project', error.message, 'Mend the file; trisiel build tries it.')],
      build: undefined,
    };
  }
}
