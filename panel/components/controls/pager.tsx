import { useLocation } from 'preact-iso';
import './pager.css';

/** The query parameter with the cursor of a list. */
export const CURSOR = 'after';

/** Links through a list with cursor pagination. `next` is the API's cursor; null on the last page. */
export function Pager({ next }: { readonly next: string | null }) {
  const { url, query } = useLocation();
  const isFirst = query[CURSOR] === undefined;
  if (isFirst && next === null) return null;
  return (
    <nav class="pager" aria-label="Pagination">
      {isFirst ? null : <a href={withQuery(url, { [CURSOR]: undefined })}>Newest</a>}
      {next === null ? null : <a href={withQuery(url, { [CURSOR]: next })}>Older</a>}
    </nav>
  );
}

/** Returns the URL with some query parameters changed; undefined or an empty string removes one. */
export function withQuery(
  url: string,
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const [path = '', search = ''] = url.split('?', 2);
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
