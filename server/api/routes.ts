/** Finds all endpoints: the files `routes/<resource>/<verb>.ts`. There is no other list of them. */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Route } from './route.ts';

const FOLDER = new URL('routes/', import.meta.url);
const SHARED = new Set(['resource.ts', 'views.ts']);

/** Returns the `route` of each file, sorted by path and method. */
export async function loadRoutes(): Promise<Route[]> {
  const entries = await readdir(fileURLToPath(FOLDER), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(fileURLToPath(new URL(`${folder}/`, FOLDER))))
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !SHARED.has(file))
        .map((file) => `${folder}/${file}`),
    ),
  );
  const routes = await Promise.all(
    files.flat().map(async (file) => {
      const module: { readonly route?: Route } = await import(new URL(file, FOLDER).href);
      if (module.route === undefined) throw new Error(`server/api/routes/${file} exports no route`);
      return module.route;
    }),
  );
  return routes.sort(
    (a, b) => a.path.localeCompare(b.path, 'en') || a.method.localeCompare(b.method, 'en'),
  );
}
