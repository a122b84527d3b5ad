import { openRoute } from '../../route.ts';
import { HEALTH, HealthView } from './resource.ts';

export const route = openRoute({
  method: 'GET',
  path: '/healthz',
  resource: HEALTH,
  summary: 'Check that the process is alive',
  open: 'Supervisors have no token.',
  success: { status: 200, description: 'The process is alive.', schema: HealthView },
  handle: async () => ({ status: 'ok' as const }),
});
