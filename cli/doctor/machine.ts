/** Checks this machine: Node, the CLI's files, and the compilers. */
import { access, constants, stat } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import type { Context } from '../context.ts';
import type { Credentials } from '../account/credentials.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { LANGUAGES, type Language } from '../../sdk/languages.ts';
import { describeInstall, findTools, toolsOf } from '../project/build/toolchains.ts';
import { note, ok, problem, type DoctorFinding } from './finding.ts';

export async function checkMachine({ settings }: Context): Promise<DoctorFinding[]> {
  return [checkNode(), await checkCredentials(settings.credentials), await checkCache()];
}

function checkNode(): DoctorFinding {
  if (nodePlatform.canSuspend) return ok('Node', process.version);
  return problem(
    'Node',
    `${process.version} cannot suspend WebAssembly, which a waiting guest requires.`,
    'Install Node 26 or later: https://nodejs.org',
  );
}

async function checkCredentials(credentials: Credentials): Promise<DoctorFinding> {
  const { path } = credentials;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return ok('Saved tokens', 'none');
  return (await credentials.isOpenToOthers())
    ? problem('Saved tokens', `Others on this machine can read ${path}.`, `chmod 600 ${path}`)
    : ok('Saved tokens', `${path}, readable only by you`);
}

/** Checks Node's compile cache, which makes the CLI start faster. */
async function checkCache(): Promise<DoctorFinding> {
  const folder = getCompileCacheDir();
  if (folder === undefined) {
    return note('Cache', 'none', 'The CLI starts more slowly. Check that ~/.cache is writable.');
  }
  try {
    await access(folder, constants.W_OK);
    return ok('Cache', folder);
  } catch {
    return note(
      'Cache',
      `${folder} is not writable.`,
      'The CLI starts more slowly. Fix the permissions of the folder.',
    );
  }
}

/**
 * Returns a finding per language. A missing compiler is a problem only if this project's build runs it.
 * @param build the command of trisiel.toml
 */
export function checkToolchains(build: string | undefined): Promise<DoctorFinding[]> {
  const words = new Set(build?.split(/[\s;&|()]+/) ?? []);
  return Promise.all(LANGUAGES.map((language) => checkToolchain(language, words)));
}

async function checkToolchain(
  language: Language,
  words: ReadonlySet<string>,
): Promise<DoctorFinding> {
  const { title } = language;
  const tools = toolsOf(language);
  if (tools.length === 0) return ok(title, 'built-in compiler');
  const found = await findTools(language);
  const missing = found.filter(({ version }) => version === undefined).map(({ tool }) => tool);
  if (missing.length === 0) {
    return ok(title, found.map(({ version = '' }) => version).join('; '));
  }
  const isNeeded = tools.some(({ command }) => words.has(command));
  const toFinding = isNeeded ? problem : note;
  return toFinding(
    title,
    `${missing.map(({ wanted }) => wanted).join(', and ')} not found`,
    missing.map((tool) => `To install it: ${describeInstall(tool)}`).join('. '),
  );
}
