/** Finds the project file. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { parseProject } from './project-file.ts';
import type { Project } from './project-keys.ts';

const FILES = ['trisiel.toml', 'trisiel.json'] as const;

/** Searches this folder, then its parents. */
export function findProject(folder: string): Promise<Project | undefined> {
  return search(folder, false);
}

async function search(folder: string, isAbove: boolean): Promise<Project | undefined> {
  const texts = await Promise.all(FILES.map((file) => readIfThere(join(folder, file))));
  const [toml, json] = texts;
  if (toml !== undefined && json !== undefined) {
    throw new UsageError(`${folder} has both ${FILES.join(' and ')}. Keep one.`);
  }
  const source = toml ?? json;
  if (source !== undefined) {
    const path = join(folder, toml === undefined ? FILES[1] : FILES[0]);
    if (isAbove) await checkOwner(path);
    return parseProject(path, source);
  }
  const above = dirname(folder);
  return above === folder ? undefined : search(above, true);
}

/**
 * Throws if another user owns a project file in a parent folder, such as /tmp: its build command would run as the current
 * user. A file in the current folder is accepted, because the user chose the folder.
 */
async function checkOwner(path: string): Promise<void> {
  const mine = process.getuid?.();
  if (mine === undefined) return;
  const { uid } = await stat(path);
  if (uid === mine || uid === 0) return;
  throw new UsageError(
    `${path} belongs to another user, so it is not used from its subfolders. If you trust it, run the command in its folder.`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`${path} cannot be read. Check its permissions.`);
  }
}
