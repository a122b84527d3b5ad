/** Checks the project in this folder: trisiel.toml, the policy, and environment variables. */
import { relative } from 'node:path';
import type { Context } from '../context.ts';
import { CommandError } from '../errors.ts';
import { findOwnSource, OWN_SOURCES } from '../project/build/compilers.ts';
import { readEnvironment, readPolicy } from '../project/production.ts';
import { note, ok, problem, type DoctorFinding } from './finding.ts';

export interface ProjectCheck {
  readonly findings: readonly DoctorFinding[];
  /** The build command, if there is one. */
  readonly build: string | undefined;
}

export async function checkProject(context: Context): Promise<ProjectCheck> {
  const { settings, terminal } = context;
  try {
    const project = await settings.project();
    if (project === undefined) {
      return {
        findings: [
          note('Project', 'There is no trisiel.toml here.', 'Create a project: trisiel init'),
        ],
        build: undefined,
      };
    }
    await readPolicy(terminal, project, undefined);
    await readEnvironment(context, project, { pairs: [], files: [] });
    const source = await findOwnSource(project.folder);
    const { build, name = 'no name', path } = project;
    const shown = relative(terminal.cwd, path);
    if (build === undefined && source === undefined) {
      const advice = `Set "build", or add a ${OWN_SOURCES.join(' or ')}.`;
      return {
        findings: [problem('Project', `${shown} does not say what to build.`, advice)],
        build,
      };
    }
    return { findings: [ok('Project', `${shown} is valid: ${name}`)], build };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return {
      findings: [problem('Project', error.message, 'Fix the file, then run: trisiel build')],
      build: undefined,
    };
  }
}
