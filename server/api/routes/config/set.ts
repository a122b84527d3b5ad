import { listConfigKeys } from '../../../db/handlers/config-values.ts';
import { notifyHandler } from '../../../db/handlers/handlers.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { checkKeys, setValues } from '../../handlers/handler-config.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { livingHandler } from '../handlers/resource.ts';
import { CONFIG, ConfigValues, KeysView, viewKeys } from './resource.ts';

export const route = userRoute({
  method: 'PATCH',
  path: '/api/handlers/:handler/config',
  resource: CONFIG,
  summary: 'Set configuration values of a handler',
  description:
    'Sets the given keys; other keys do not change. The values apply from the handler’s next run on.',
  user: { scope: 'config:write', tier: DEPLOY_TIER },
  audit: 'config.set',
  params: HandlerParams,
  body: closed({ set: ConfigValues }),
  success: { status: 200, description: 'The keys, by name.', schema: KeysView },
  problems: ['not-found', 'conflict', 'limit-reached'],
  async handle({ user, params, body, services, change }) {
    const entries = Object.entries(body.set);
    checkKeys(entries, 'body/set');
    const { keys } = await change(
      async (tx) => {
        const { id, name } = await livingHandler(tx, user, params.handler);
        await setValues(tx, services.sealer, user, id, entries);
        await notifyHandler(tx, name);
        return { id, name, keys: await listConfigKeys(tx, id) };
      },
      ({ id, name }) => ({ handler: id, name, keys: entries.map(([key]) => key) }),
    );
    return viewKeys(keys);
  },
});
