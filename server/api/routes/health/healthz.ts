import { openRoute } from '../../route.ts';
import { HEALTH, HealthView } from './resource.ts';

export const route = openRoute({
  method: 'GET',
  path: '/healthz',
  resource: HEALTH,
  summary: 'Tell whether the process is alive',
  open: 'A supervisor asks without a token.',
  success: { status: 200, description: 'It is.', schema: HealthView },
  handle: async () => ({ status: 'ok' as const }),
});
