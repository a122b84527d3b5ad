/** Where a sign-in may lead: paths of this origin. */

const LOCAL_PATH = /^\/(?![/\\])/;

/** A path of this origin, or the root: nobody is sent elsewhere. */
export function localPath(path: string): string {
  const base = 'http://local.invalid';
  const parsed = /^[\x21-\x7e]+$/.test(path) ? URL.parse(path, base) : null;
  if (parsed?.origin !== base) return '/';
  const found = `${parsed.pathname}${parsed.search}${parsed.hash}`;
  // The resolved path is checked too: `/.//elsewhere` becomes an address of another host.
  return LOCAL_PATH.test(path) && LOCAL_PATH.test(found) ? found : '/';
}
