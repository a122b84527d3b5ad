/** Restricts the target of a redirect after sign-in to paths of this origin. */

const LOCAL_PATH = /^\/(?![/\\])/;

/** Returns the path if it stays on this origin, otherwise `/`. */
export function localPath(path: string): string {
  const base = 'http://local.invalid';
  const parsed = /^[\x21-\x7e]+$/.test(path) ? URL.parse(path, base) : null;
  if (parsed?.origin !== base) return '/';
  const found = `${parsed.pathname}${parsed.search}${parsed.hash}`;
  // The resolved path is checked too, because `/.//elsewhere` resolves to another host.
  return LOCAL_PATH.test(path) && LOCAL_PATH.test(found) ? found : '/';
}
