import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/**
 * Keeps the link to the current page in view in a row of links that may be wider than a phone.
 * @param path changes with the page
 */
export function useCurrentInView(path: string): RefObject<HTMLElement | null> {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    const { current } = row;
    if (current === null) return;
    const watch = new ResizeObserver(() => centreCurrent(current));
    watch.observe(current);
    return () => watch.disconnect();
  }, [path]);
  return row;
}

/** Does not use scrollIntoView, which may also scroll the page. */
function centreCurrent(row: HTMLElement): void {
  const link = row.querySelector('[aria-current]');
  if (link === null) return;
  const { left, width } = link.getBoundingClientRect();
  const frame = row.getBoundingClientRect();
  row.scrollLeft += left - frame.left - (frame.width - width) / 2;
}
