/** Folders of this machine that a guest gets a copy of, by `--dir`. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileTree, type GivenFile, type Preopen } from '../../olin/index.ts';
import { formatBytes, formatCount } from '../../olin/quantities.ts';
import { UsageError } from '../errors.ts';

/** Limits of one folder, so that `--dir /` fails with an error message. */
const MAX_FILES = 10_000;
const MAX_BYTES = 256 * 1024 * 1024;

/** Reads a folder with all below it; symbolic links are left out. Throws a UsageError if that fails or is too much. */
export async function readFolder(folder: string): Promise<FileTree> {
  const files: GivenFile[] = [];
  const folders: string[] = [];
  let bytes = 0;
  const refuse = (why: string): never => {
    throw new UsageError(`--dir ${folder}: ${why}.`);
  };
  const add = async (path: string): Promise<void> => {
    const entries = await readdir(join(folder, path), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const inside = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        folders.push(inside);
        await add(inside);
      } else if (entry.isFile()) {
        bytes += (await stat(join(folder, inside))).size;
        if (bytes > MAX_BYTES) refuse(`it has more than ${formatBytes(MAX_BYTES)}`);
        files.push([inside, await readFile(join(folder, inside))]);
      }
      if (files.length + folders.length > MAX_FILES) {
        refuse(`it has more than ${formatCount(MAX_FILES)} files`);
      }
    }
  };
  await add('').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error)
      refuse(`it cannot be read (${String(error.code)})`);
    throw error;
  });
  return new FileTree(files, folders);
}

/** Reads the values of `--dir`: `FOLDER`, or `FOLDER::/PATH` for its path in the guest. */
export async function readFolders(values: readonly string[]): Promise<Preopen[]> {
  return Promise.all(
    values.map(async (value) => {
      const [folder = '', path = '/', ...rest] = value.split('::');
      if (folder === '' || !path.startsWith('/') || rest.length > 0) {
        throw new UsageError(`--dir is "${value}"; write it as FOLDER or FOLDER::/PATH.`);
      }
      return { path, files: await readFolder(folder), isWritable: true };
    }),
  );
}
