import type { Config } from '../../../config.ts';
import { describeApi } from '../../document/openapi.ts';
import { openRoute } from '../../route.ts';
import { loadRoutes } from '../../routes.ts';
import { REFERENCE } from './resource.ts';

/** Made once for each configuration. */
const made = new WeakMap<Config, Promise<string>>();

export const route = openRoute({
  method: 'GET',
  path: '/api/openapi.json',
  resource: REFERENCE,
  summary: 'Get the OpenAPI document',
  open: 'The documentation shows the same.',
  success: {
    status: 200,
    description: 'OpenAPI 3.1, made from the endpoints themselves.',
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
