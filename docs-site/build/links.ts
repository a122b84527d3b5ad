/** Checks that every link of every built page leads to an existing page or file, and to an existing id. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listPages } from './pages.ts';

export interface BrokenLink {
  /** The page that has the link. */
  readonly page: string;
  readonly href: string;
  readonly reason: string;
}

const LINK = /<(?:a|link|script|img|iframe|source)\b[^>]*?\s(?:href|src)\s*=\s*"([^"]*)"/gi;
/** The social card, which no page shows, so nobody would notice that it is missing. */
const CARD = /<meta property="og:image" content="([^"]*)"/gi;
const ID = /\sid\s*=\s*"([^"]*)"/gi;

/** Paths of the same origin that are not files of the build: the API and the panel. */
const OTHER_APPS = /^\/(api|panel)\//;

export async function findBrokenLinks(distDir: string, site: string): Promise<BrokenLink[]> {
  const pages = await listPages(distDir);
  const texts = new Map(
    await Promise.all(
      pages.map(async ({ path, file }) => [path, await readFile(file, 'utf8')] as const),
    ),
  );
  const ids = new Map([...texts].map(([path, html]) => [path, new Set(attributes(html, ID))]));
  const broken: BrokenLink[] = [];
  for (const [page, html] of texts) {
    for (const href of new Set([...attributes(html, LINK), ...attributes(html, CARD)])) {
      const reason = await findReason(href, page);
      if (reason !== undefined) broken.push({ page, href, reason });
    }
  }
  return broken;

  /** Returns why the link is broken; undefined if it is not. */
  async function findReason(href: string, page: string): Promise<string | undefined> {
    if (!URL.canParse(href, site + page)) return 'not a URL';
    const url = new URL(href, site + page);
    if (url.origin !== site) return undefined;
    if (OTHER_APPS.test(url.pathname)) return undefined;
    const path = decodeURIComponent(url.pathname);
    const known = ids.get(path);
    if (known === undefined) {
      if (ids.has(`${path}/`)) return 'the final slash is missing';
      return (await isFile(join(distDir, path))) ? undefined : 'no such page';
    }
    const id = decodeURIComponent(url.hash.slice(1));
    return id === '' || known.has(id) ? undefined : `no id "${id}" on the page`;
  }
}

function attributes(html: string, pattern: RegExp): string[] {
  return Array.from(html.matchAll(pattern), ([, value = '']) => value.replaceAll('&amp;', '&'));
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
