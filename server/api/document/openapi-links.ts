/** Names of operations, and the links from what one gives to what another takes. */
import type { Route } from '../route.ts';

/** Such as `get_handlers_by_handler`: made of method and path, so that it is one of a kind. */
export function operationId({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const words = path
    .replace(/^\/(api\/)?/, '')
    .split('/')
    .map((part) =>
      part.startsWith(':') ? `by_${part.slice(1)}` : part.replaceAll(/[^a-z0-9]+/gi, '_'),
    );
  return [method.toLowerCase(), ...words].join('_').replaceAll(/_+/g, '_');
}

/** What a created thing is addressed by: the parameter, and where it stands in the reply. */
const CREATED: Readonly<Record<string, readonly [parameter: string, field: string]>> = {
  '/api/handlers': ['handler', 'name'],
  '/api/tokens': ['token', 'id'],
  '/api/applications': ['application', 'id'],
  '/api/handlers/:handler/versions': ['version', 'number'],
};

/** From an endpoint that makes a thing to those that take it. */
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
