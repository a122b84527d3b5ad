import { useEffect } from 'preact/hooks';
import type { Loading } from '../resource.tsx';

/** Asks again every so often, unseen, while the page is looked at. @param everyMs undefined: not at all */
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
