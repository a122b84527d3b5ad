/** Checks that the paths of a project stay inside its folder, because a project may come from a stranger. */
import { lstat, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';

/** Returns whether an absolute path is the folder or below it. Compares text only: links are not followed. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Returns whether a path leads to an existing file or folder that is inside the folder after all links are followed. */
export async function leadsInside(folder: string, path: string): Promise<boolean> {
  try {
    return isInside(await realpath(folder), await realpath(path));
  } catch {
    return false;
  }
}

/** Writes a file in the folder. Returns false, without writing, if a link would lead the write outside of the folder. */
export async function writeInside(
  folder: string,
  path: string,
  bytes: Uint8Array,
): Promise<boolean> {
  const parent = await realpath(dirname(path));
  if (!isInside(await realpath(folder), parent)) return false;
  const target = join(parent, basename(path));
  const found = await lstat(target).catch(() => undefined);
  if (found?.isSymbolicLink() === true && !(await leadsInside(folder, target))) return false;
  await writeFile(target, bytes);
  return true;
}
