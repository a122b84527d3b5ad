/** The link check: every link of every built page leads to a page or a file, and to an id that is there. */
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
/** The social card: nobody would see that it is missing. */
const CARD = /<meta property="og:image" content="([^"]*)"/gi;
const ID = /\sid\s*=\s*"([^"]*)"/gi;

/** Links that another app of the same origin answers, not a file of the build. */
const ELSEWHERE = /^\/(api|panel)\//;

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
      const reason = await judge(href, page);
      if (reason !== undefined) broken.push({ page, href, reason });
    }
  }
  return broken;

  async function judge(href: string, page: string): Promise<string | undefined> {
    if (!URL.canParse(href, site + page)) return 'not a URL';
    const url = new URL(href, site + page);
    if (url.origin !== site) return undefined;
    if (ELSEWHERE.test(url.pathname)) return undefined;
    const path = decodeURIComponent(url.pathname);
    const known = ids.get(path);
    if (known === undefined) {
      if (ids.has(`${path}/`)) return 'the slash at the end is missing';
      return (await isFile(join(distDir, path))) ? undefined : 'no such page';
    }
    const id = decodeURIComponent(url.hash.slice(1));
    return id === '' || known.has(id) ? undefined : `no #${id} there`;
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
