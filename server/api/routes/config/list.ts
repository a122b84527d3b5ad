import { listConfigKeys } from '../../../db/handlers/config-values.ts';
import { userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { ownHandler } from '../handlers/resource.ts';
import { CONFIG, KeysView, viewKeys } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/handlers/:handler/config',
  resource: CONFIG,
  summary: 'List configuration keys of a handler',
  description: 'Only keys: values are never returned.',
  user: { scope: 'handlers:read' },
  params: HandlerParams,
  success: { status: 200, description: 'The keys, by name.', schema: KeysView },
  problems: ['not-found'],
  async handle({ user, params, services }) {
    const { id } = await ownHandler(services.db, user, params.handler);
    return viewKeys(await listConfigKeys(services.db, id));
  },
});
