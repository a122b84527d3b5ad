/** Content-Security-Policy: the hashes of every inline script in the built pages. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { listPages } from './pages.ts';

const SCRIPT = /<script\b([^>]*)>([\s\S]*?)<\/script>/gi;
/** Scripts of these types are data, which the browser does not run and the policy does not apply to. */
const DATA = /\btype\s*=\s*["']?(application\/(ld\+)?json|speculationrules)/i;

/** Returns a source `'sha256-…'` for each inline script of a page, in order of appearance. */
export function hashScripts(html: string): string[] {
  return Array.from(html.matchAll(SCRIPT))
    .filter(
      ([, attributes = '', body = '']) =>
        body !== '' && !/\bsrc\s*=/i.test(attributes) && !DATA.test(attributes),
    )
    .map(([, , body = '']) => `'sha256-${createHash('sha256').update(body).digest('base64')}'`);
}

/** Returns the distinct hashes of all pages below `distDir`, sorted. The server adds them to `script-src`. */
export async function collectScriptHashes(distDir: string): Promise<string[]> {
  const hashes = new Set<string>();
  for (const { file } of await listPages(distDir)) {
    for (const hash of hashScripts(await readFile(file, 'utf8'))) hashes.add(hash);
  }
  return [...hashes].sort();
}
