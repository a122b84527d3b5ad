import { Type } from 'typebox';
import { unsetConfigValue } from '../../../db/handlers/config-values.ts';
import { notifyHandler } from '../../../db/handlers/handlers.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { KEY_CHARACTERS } from '../../handlers/handler-config.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { livingHandler } from '../handlers/resource.ts';
import { CONFIG, KEY_PATTERN } from './resource.ts';

export const route = userRoute({
  method: 'DELETE',
  path: '/api/handlers/:handler/config/:key',
  resource: CONFIG,
  summary: 'Delete a configuration value of a handler',
  user: { scope: 'config:write' },
  audit: 'config.unset',
  params: closed({
    ...HandlerParams.properties,
    key: Type.String({
      pattern: KEY_PATTERN,
      minLength: 1,
      maxLength: KEY_CHARACTERS,
      'x-form': 'of letters, digits and underscores',
    }),
  }),
  success: { status: 204, description: 'The key is deleted.' },
  problems: ['not-found', 'conflict'],
  async handle({ user, params, reply, change }) {
    await change(
      async (tx) => {
        const { id, name } = await livingHandler(tx, user, params.handler);
        if (!(await unsetConfigValue(tx, id, params.key))) {
          throw new ProblemError('not-found', 'The handler has no such key. GET lists its keys.');
        }
        await notifyHandler(tx, name);
        return { id, name };
      },
      ({ id, name }) => ({ handler: id, name, keys: [params.key] }),
    );
    return reply.send();
  },
});
