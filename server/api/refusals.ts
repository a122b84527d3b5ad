/** Responses for unknown paths and methods. */
import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';
import { ProblemError } from '../problems/problems.ts';
import type { Route } from './route.ts';

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'QUERY',
] as const;

/** 405 if the path exists with other methods, 404 for the rest of `/api/`. */
export function addRefusals(scope: FastifyInstance, routes: readonly Route[]): void {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  for (const [path, there] of byPath) {
    const allowed = new Set<HTTPMethods>(there.map(({ method }) => method));
    if (allowed.has('GET')) allowed.add('HEAD');
    const others = METHODS.filter((method) => !allowed.has(method));
    const allow = [...allowed].join(', ');
    scope.route({
      method: others,
      url: path,
      config: { isOpen: true },
      onRequest: async () => {
        throw new ProblemError('method-not-allowed', `This address accepts ${allow}.`, {
          headers: { allow },
        });
      },
      handler: async () => undefined,
    });
  }
  for (const url of ['/api', '/api/*']) {
    scope.route({
      method: [...METHODS],
      url,
      config: { isOpen: true },
      onRequest: refuseAddress,
      handler: async () => undefined,
    });
  }
}

async function refuseAddress(request: FastifyRequest): Promise<never> {
  throw new ProblemError(
    'not-found',
    `There is no endpoint at this address for ${request.method}. The endpoints are in /api/openapi.json.`,
  );
}
