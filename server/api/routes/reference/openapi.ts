import type { Config } from '../../../config.ts';
import { describeApi } from '../../document/openapi.ts';
import { openRoute } from '../../route.ts';
import { loadRoutes } from '../../routes.ts';
import { REFERENCE } from './resource.ts';

/** Cached for each configuration. */
const made = new WeakMap<Config, Promise<string>>();

export const route = openRoute({
  method: 'GET',
  path: '/api/openapi.json',
  resource: REFERENCE,
  summary: 'Get the OpenAPI document',
  open: 'The documentation contains the same.',
  success: {
    status: 200,
    description: 'An OpenAPI 3.1 document.',
    contentType: 'application/json',
  },
  async handle({ services, reply }) {
    const { config } = services;
    const text =
      made.get(config) ??
      loadRoutes().then((routes) => JSON.stringify(describeApi(routes, config)));
    made.set(config, text);
    return reply.type('application/json').send(await text);
  },
});
