/** OpenAPI operation IDs and links between operations. */
import type { Route } from '../route.ts';

/** Derives a unique ID from method and path, such as `get_handlers_by_handler`. */
export function operationId({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const words = path
    .replace(/^\/(api\/)?/, '')
    .split('/')
    .map((part) =>
      part.startsWith(':') ? `by_${part.slice(1)}` : part.replaceAll(/[^a-z0-9]+/gi, '_'),
    );
  return [method.toLowerCase(), ...words].join('_').replaceAll(/_+/g, '_');
}

/** By path of a POST: the parameter that addresses the created resource, and the response field with its value. */
const CREATED: Readonly<Record<string, readonly [parameter: string, field: string]>> = {
  '/api/handlers': ['handler', 'name'],
  '/api/tokens': ['token', 'id'],
  '/api/applications': ['application', 'id'],
  '/api/handlers/:handler/versions': ['version', 'number'],
};

/** Links from an endpoint that creates a resource to the endpoints that address it. */
export function links(route: Route, routes: readonly Route[]): Readonly<Record<string, unknown>> {
  const created = route.method === 'POST' ? CREATED[route.path] : undefined;
  if (created === undefined) return {};
  const [parameter, field] = created;
  const inherited = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const takers = routes.filter(({ path }) => {
    const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    return names.at(-1) === parameter && names.length === inherited.length + 1;
  });
  return Object.fromEntries(
    takers.map((taker) => [
      operationId(taker),
      {
        operationId: operationId(taker),
        parameters: Object.fromEntries([
          ...inherited.map((name) => [name, `$request.path.${name}`]),
          [parameter, `$response.body#/${field}`],
        ]),
      },
    ]),
  );
}
