/** Content-Security-Policy: the hashes of every inline script in the built pages. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { listPages } from './pages.ts';

const SCRIPT = /<script\b([^>]*)>([\s\S]*?)<\/script>/gi;
/** A script of one of these types is data: the browser does not run it, the policy does not see it. */
const DATA = /\btype\s*=\s*["']?(application\/(ld\+)?json|speculationrules)/i;

/** The sources `'sha256-…'` of the inline scripts in one page, in order of appearance. */
export function hashScripts(html: string): string[] {
  return Array.from(html.matchAll(SCRIPT))
    .filter(
      ([, attributes = '', body = '']) =>
        body !== '' && !/\bsrc\s*=/i.test(attributes) && !DATA.test(attributes),
    )
    .map(([, , body = '']) => `'sha256-${createHash('sha256').update(body).digest('base64')}'`);
}

/** The distinct hashes of all pages below `distDir`, sorted: the part of `script-src` that a build decides. */
export async function collectScriptHashes(distDir: string): Promise<string[]> {
  const hashes = new Set<string>();
  for (const { file } of await listPages(distDir)) {
    for (const hash of hashScripts(await readFile(file, 'utf8'))) hashes.add(hash);
  }
  return [...hashes].sort();
}
