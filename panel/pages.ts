/** The pages, found by their files: `pages/handlers/[handler]/versions.tsx` answers at `/panel/handlers/NAME/versions`. */
import type { ComponentType } from 'preact';

export interface PageProps {
  /** What stands in the address for the parts in brackets. */
  readonly params: Readonly<Record<string, string>>;
  /** What stands in the address behind the question mark. */
  readonly query: Readonly<Record<string, string>>;
}

/** What a file of `pages/` exports. */
export interface PageModule {
  readonly Page: ComponentType<PageProps>;
  /** Of the tab, the history and the bookmark. */
  readonly title: string | ((props: PageProps) => string);
  /** Whether strangers see it as well; default false. */
  readonly isOpen?: boolean;
}

export interface PageRoute {
  /** Such as `/panel/handlers/:handler/versions`. */
  readonly path: string;
  readonly load: () => Promise<PageModule>;
}

const FILES = import.meta.glob<PageModule>('./pages/**/*.tsx');

/** What is said outright comes before what may be anything. */
export const ROUTES: readonly PageRoute[] = Object.entries(FILES)
  .map(([file, load]) => ({ path: toPath(file), load }))
  .sort((one, other) => rank(one.path) - rank(other.path));

function toPath(file: string): string {
  const parts = file.replace('./pages/', '').replace('.tsx', '').split('/');
  const named = parts.filter((part, at) => part !== 'index' || at < parts.length - 1);
  return ['/panel', ...named.map((part) => part.replace(/^\[(.+)\]$/, ':$1'))].join('/');
}

function rank(path: string): number {
  return path.split(':').length;
}
