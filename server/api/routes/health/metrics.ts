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
    'For this machine alone, or for whoever sends the bearer token of `METRICS_TOKEN`. Others find nothing.',
  open: 'Prometheus has no user; the operator’s own token guards it.',
  success: {
    status: 200,
    description: 'In the text format of Prometheus.',
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
    // A proxy on this machine speaks for others.
    const isForwarded = 'x-forwarded-for' in request.headers || 'forwarded' in request.headers;
    return !isForwarded && /^(::ffff:)?127\.|^::1$/.test(address);
  }
  const given = createHash('sha256')
    .update(request.headers.authorization ?? '')
    .digest();
  return timingSafeEqual(given, createHash('sha256').update(`Bearer ${token}`).digest());
}
