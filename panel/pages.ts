/** File-based routes: `pages/handlers/[handler]/versions.tsx` is served at `/panel/handlers/NAME/versions`. */
import type { ComponentType } from 'preact';

export interface PageProps {
  /** Path parameters, by the names in brackets. */
  readonly params: Readonly<Record<string, string>>;
  /** Query parameters. */
  readonly query: Readonly<Record<string, string>>;
}

/** Exports of a file in `pages/`. */
export interface PageModule {
  readonly Page: ComponentType<PageProps>;
  /** Document title. */
  readonly title: string | ((props: PageProps) => string);
  /** Whether the page is shown without signing in; default false. */
  readonly isOpen?: boolean;
}

export interface PageRoute {
  /** For example `/panel/handlers/:handler/versions`. */
  readonly path: string;
  readonly load: () => Promise<PageModule>;
}

const FILES = import.meta.glob<PageModule>('./pages/**/*.tsx');

/** Sorted so that static paths match before paths with parameters. */
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
