import { useEffect, useRef } from 'preact/hooks';

/** Minimum interval between two calls. */
const MIN_INTERVAL_MS = 2000;

/** Calls `act` when the tab becomes visible or focused again. */
export function useReturn(act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    let last = performance.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onReturn = (): void => {
      if (document.visibilityState !== 'visible' || timer !== undefined) return;
      // A return within the minimum interval is not dropped but delayed.
      timer = setTimeout(
        () => {
          timer = undefined;
          last = performance.now();
          latest.current();
        },
        Math.max(0, last + MIN_INTERVAL_MS - performance.now()),
      );
    };
    document.addEventListener('visibilitychange', onReturn);
    globalThis.addEventListener('focus', onReturn);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onReturn);
      globalThis.removeEventListener('focus', onReturn);
    };
  }, []);
}
