import { mayReadMetrics } from '../../../auth/metrics-access.ts';
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
    if (!mayReadMetrics(request, services.config.metricsToken)) {
      throw new ProblemError('not-found', 'There is nothing at this address.');
    }
    const { registry } = services.metrics;
    return reply.type(registry.contentType).send(await registry.metrics());
  },
});
