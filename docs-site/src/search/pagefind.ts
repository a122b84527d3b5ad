/** The part of Pagefind's API that the search uses. The build writes Pagefind's module beside the pages. */

export interface FoundPage {
  readonly url: string;
  readonly title: string;
  /** HTML from the index: escaped text with `<mark>` around the words of the search. */
  readonly excerpt: string;
  /** Sections of the page, without its top. */
  readonly places: readonly {
    readonly url: string;
    readonly title: string;
    readonly excerpt: string;
  }[];
}

export interface SearchIndex {
  search(words: string, maxPages: number): Promise<{ total: number; pages: FoundPage[] }>;
}

interface PagefindData {
  readonly url: string;
  readonly excerpt: string;
  readonly meta: { readonly title?: string };
  readonly sub_results: readonly { url: string; title: string; excerpt: string }[];
}

interface Pagefind {
  init(): Promise<void>;
  search(words: string): Promise<{ results: readonly { data(): Promise<PagefindData> }[] }>;
}

const MODULE = '/pagefind/pagefind.js';
const MAX_PLACES = 3;

export async function loadIndex(): Promise<SearchIndex> {
  // The build writes this module after this file is bundled, so the bundler must ignore the import.
  const pagefind = (await import(/* @vite-ignore */ MODULE)) as Pagefind;
  await pagefind.init();
  return {
    async search(words, maxPages) {
      const { results } = await pagefind.search(words);
      const pages = await Promise.all(results.slice(0, maxPages).map((result) => result.data()));
      return { total: results.length, pages: pages.map(readPage) };
    },
  };
}

function readPage({ url, excerpt, meta, sub_results: places }: PagefindData): FoundPage {
  return {
    url,
    title: meta.title ?? url,
    excerpt,
    places: places
      .filter((place) => !place.url.endsWith('#_top') && place.url.includes('#'))
      .slice(0, MAX_PLACES),
  };
}
