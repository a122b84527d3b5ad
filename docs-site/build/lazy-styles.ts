/**
 * Removes the stylesheets of lazily loaded code from the pages. Astro links a stylesheet on every page from which its
 * module can be reached, even through a dynamic import, although such a module loads its styles itself. This saves
 * 20 KB, the editor's styles, on each page with a playground.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listPages } from './pages.ts';

/** Returns the names of the removed stylesheets. */
export async function unlinkLazyStyles(distDir: string): Promise<string[]> {
  const lazy = await findLazyStyles(join(distDir, '_astro'));
  if (lazy.length === 0) return lazy;
  for (const { file } of await listPages(distDir)) {
    const html = await readFile(file, 'utf8');
    const without = withoutStyles(html, lazy);
    if (without !== html) await writeFile(file, without);
  }
  return lazy;
}

/** Returns the stylesheets that a script names, and therefore loads. */
async function findLazyStyles(assetsDir: string): Promise<string[]> {
  const names = await readdir(assetsDir).catch(() => []);
  const scripts = await Promise.all(
    names
      .filter((name) => name.endsWith('.js'))
      .map((name) => readFile(join(assetsDir, name), 'utf8')),
  );
  return names.filter(
    (name) => name.endsWith('.css') && scripts.some((script) => script.includes(`_astro/${name}"`)),
  );
}

export function withoutStyles(html: string, names: readonly string[]): string {
  return html.replace(/<link rel="stylesheet" href="\/_astro\/([^"]+)"[^>]*>/g, (link, name) =>
    names.includes(name) ? '' : link,
  );
}
