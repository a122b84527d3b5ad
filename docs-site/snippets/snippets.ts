/** Parses the code fences of the documentation pages. The tests in `test/docs/` run them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGES_DIR = join(import.meta.dirname, '../src/content/docs');

export interface Snippet {
  /** The page's path below `docs-site/src/content/docs`. */
  readonly page: string;
  /** 1-based number of the first line of text. */
  readonly line: number;
  readonly lang: string;
  /** Words after the language: `no-run`, `output`. */
  readonly flags: readonly string[];
  /** Value of `title="…"`; empty if there is none. */
  readonly title: string;
  readonly text: string;
}

/** Returns every fence of every page, in the order of the pages. */
export function readSnippets(): Snippet[] {
  return readdirSync(PAGES_DIR, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.mdx?$/.test(path))
    .sort()
    .flatMap((page) => parseSnippets(page, readFileSync(join(PAGES_DIR, page), 'utf8')));
}

/** Returns the fences of one page. Throws if a fence is not closed. */
export function parseSnippets(page: string, text: string): Snippet[] {
  const snippets: Snippet[] = [];
  let open: { line: number; lang: string; meta: string; lines: string[] } | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    const fence = /^```(\w*)\s*(.*)$/.exec(line);
    if (open === undefined) {
      const [, lang = '', meta = ''] = fence ?? [];
      if (fence !== null) open = { line: i + 2, lang, meta, lines: [] };
      continue;
    }
    if (line.trimEnd() !== '```') {
      open.lines.push(line);
      continue;
    }
    snippets.push({
      page,
      line: open.line,
      lang: open.lang,
      flags: open.meta
        .replace(/\w+="[^"]*"/g, '')
        .split(/\s+/)
        .filter(Boolean),
      title: /\btitle="([^"]*)"/.exec(open.meta)?.[1] ?? '',
      text: open.lines.map((each) => `${each}\n`).join(''),
    });
    open = undefined;
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: a fence is not closed`);
  return snippets;
}
