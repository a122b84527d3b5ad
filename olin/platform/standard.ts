/** The members of {@link Platform} that are the same on all platforms, implemented with web APIs. */
import type { Platform } from '../types.ts';

/** Maximum bytes of one call of `getRandomValues` (Web Cryptography API). */
const MAX_RANDOM_BYTES = 65_536;

export const standardPlatform: Omit<Platform, 'name' | 'turn' | 'userAgent'> = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random(into) {
    for (let at = 0; at < into.length; at += MAX_RANDOM_BYTES) {
      crypto.getRandomValues(into.subarray(at, at + MAX_RANDOM_BYTES));
    }
  },
  copy: (bytes) => bytes.slice(),
  timer(ms, done) {
    const id = setTimeout(done, ms);
    return () => clearTimeout(id);
  },
  fetch: (request) => fetch(request),
  canSuspend: WebAssembly.Suspending !== undefined && WebAssembly.promising !== undefined,
};
