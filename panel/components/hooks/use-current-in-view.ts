import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/**
 * For a row of links that may be wider than a phone: the link of the page that one is on is in view.
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

/** Not by scrollIntoView, which may scroll the page as well. */
function centreCurrent(row: HTMLElement): void {
  const link = row.querySelector('[aria-current]');
  if (link === null) return;
  const { left, width } = link.getBoundingClientRect();
  const frame = row.getBoundingClientRect();
  row.scrollLeft += left - frame.left - (frame.width - width) / 2;
}
