import { useLocation } from 'preact-iso';
import './pager.css';

/** The parameter of the address that holds the cursor of a list. */
export const CURSOR = 'after';

/** The way through a list that goes by cursor, as links. `next` is the API's; null on the last page. */
export function Pager({ next }: { readonly next: string | null }) {
  const { url, query } = useLocation();
  const isFirst = query[CURSOR] === undefined;
  if (isFirst && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages of the list">
      {isFirst ? null : <a href={withQuery(url, { [CURSOR]: undefined })}>Newest</a>}
      {next === null ? null : <a href={withQuery(url, { [CURSOR]: next })}>Older</a>}
    </nav>
  );
}

/** The same address with some of its parameters changed; undefined or empty takes one away. */
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
