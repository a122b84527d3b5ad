/** Adds to a built module what trisiel.toml declares: its entry, files and arguments. */
import { glob, lstat, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { packFiles, startAt, type GivenFile } from '../../../olin/index.ts';
import { UsageError } from '../../errors.ts';

/** The parts of a project that change its module. */
export interface ModuleAdditions {
  /** The folder that the patterns of `files` are relative to. */
  readonly folder: string;
  readonly entry?: string | undefined;
  readonly files?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  /** The folder of static files, relative to `folder`. */
  readonly static?: string | undefined;
}

/** Always left out, because they may contain secrets, or are packages. */
const EXCLUDED = /^(?:\..+|node_modules)$/;

/** Throws an InputError if the module cannot be changed in this way, and a UsageError if a file cannot be read. */
export async function finishModule(
  bytes: Uint8Array<ArrayBuffer>,
  { folder, entry, files = [], args = [], static: statics }: ModuleAdditions,
): Promise<Uint8Array<ArrayBuffer>> {
  const started = entry === undefined ? bytes : startAt(bytes, entry);
  const patterns = statics === undefined ? files : [...files, `${statics}/**`];
  if (patterns.length === 0 && args.length === 0) return started;
  return packFiles(started, { files: await readFiles(folder, patterns), args, static: statics });
}

async function readFiles(folder: string, patterns: readonly string[]): Promise<GivenFile[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    let isFound = false;
    for await (const path of glob(pattern, { cwd: folder })) {
      const components = path.split(sep);
      const isExcluded = components.some((each) => EXCLUDED.test(each));
      // Symbolic links are left out: they may lead out of the folder.
      if (isExcluded || !(await isPlainFile(folder, components))) continue;
      isFound = true;
      found.add(components.join('/'));
    }
    if (!isFound) {
      throw new UsageError(
        `files: "${pattern}" matches no file in ${folder}. Symbolic links, node_modules and names that begin with a dot are left out.`,
      );
    }
  }
  return Promise.all(
    [...found].toSorted().map(async (path): Promise<GivenFile> => {
      return [path, await readFile(join(folder, path))];
    }),
  );
}

/** Returns whether the path is a file without symbolic links in its path. */
async function isPlainFile(folder: string, components: readonly string[]): Promise<boolean> {
  let path = folder;
  for (const [at, component] of components.entries()) {
    path = join(path, component);
    const stat = await lstat(path);
    if (at === components.length - 1 ? !stat.isFile() : !stat.isDirectory()) return false;
  }
  return true;
}
