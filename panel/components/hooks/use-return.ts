import { useEffect, useRef } from 'preact/hooks';

/** No oftener than this, however often somebody comes and goes. */
const LEAST_MS = 2000;

/** Does something when the tab is looked at again. */
export function useReturn(act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    let last = performance.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onReturn = (): void => {
      if (document.visibilityState !== 'visible' || timer !== undefined) return;
      // Who comes back too soon is not forgotten, but waits for the rest of the time.
      timer = setTimeout(
        () => {
          timer = undefined;
          last = performance.now();
          latest.current();
        },
        Math.max(0, last + LEAST_MS - performance.now()),
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
