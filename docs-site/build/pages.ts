/** The built pages on disk. */
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

export interface BuiltPage {
  /** URL path: `/start/`. */
  readonly path: string;
  readonly file: string;
}

/** Returns every HTML page below `distDir`, sorted by path. */
export async function listPages(distDir: string): Promise<BuiltPage[]> {
  const entries = await readdir(distDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.html'))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(distDir, file).split(sep).join('/')}`.replace(/index\.html$/, '');
      return { path, file };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
