import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../../../problems/problems.ts';
import { openRoute } from '../../route.ts';
import { HEALTH } from './resource.ts';

export const route = openRoute({
  method: 'GET',
  path: '/metrics',
  resource: HEALTH,
  summary: 'Get metrics for Prometheus',
  description:
    'Only for requests from this machine, or with `METRICS_TOKEN` as the bearer token if it is set. Others get 404.',
  open: 'Prometheus has no user; METRICS_TOKEN or the address authorizes it.',
  success: {
    status: 200,
    description: 'Metrics in the Prometheus text format.',
    contentType: 'text/plain',
  },
  problems: ['not-found'],
  async handle({ services, request, reply }) {
    if (!mayRead(request, services.config.metricsToken)) {
      throw new ProblemError('not-found', 'There is nothing here.');
    }
    const { registry } = services.metrics;
    return reply.type(registry.contentType).send(await registry.metrics());
  },
});

function mayRead(request: FastifyRequest, token: string | undefined): boolean {
  if (token === undefined) {
    const address = request.socket.remoteAddress ?? '';
    // A proxy on this machine forwards requests of others.
    const isForwarded = 'x-forwarded-for' in request.headers || 'forwarded' in request.headers;
    return !isForwarded && /^(::ffff:)?127\.|^::1$/.test(address);
  }
  const given = createHash('sha256')
    .update(request.headers.authorization ?? '')
    .digest();
  return timingSafeEqual(given, createHash('sha256').update(`Bearer ${token}`).digest());
}
