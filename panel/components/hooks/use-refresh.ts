import { useEffect } from 'preact/hooks';
import type { Loading } from '../resource.tsx';

/** Refreshes periodically while the page is visible. @param everyMs undefined disables refreshing */
export function useRefresh(
  loading: Pick<Loading<unknown>, 'refresh'>,
  everyMs: number | undefined,
): void {
  const { refresh } = loading;
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [refresh, everyMs]);
}
