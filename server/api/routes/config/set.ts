import { Type } from 'typebox';
import {
  countConfigKeys,
  listConfigKeys,
  placeOfValue,
  setConfigValue,
} from '../../../db/config-values.ts';
import { notifyHandler } from '../../../db/handlers.ts';
import { ProblemError } from '../../../problems.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams } from '../../schemas.ts';
import { livingHandler } from '../handlers/resource.ts';
import {
  checkKey,
  CONFIG,
  KEY_CHARACTERS,
  KEY_PATTERN,
  KeysView,
  VALUE_CHARACTERS,
  viewKeys,
} from './resource.ts';

export const route = userRoute({
  method: 'PATCH',
  path: '/api/handlers/:handler/config',
  resource: CONFIG,
  summary: 'Set values of a handler’s configuration',
  description:
    'Sets the keys that are named and leaves the others. The handler finds them in its environment from its next run on.',
  user: { scope: 'config:write', tier: DEPLOY_TIER },
  audit: 'config.set',
  params: HandlerParams,
  body: closed({
    set: Type.Record(
      Type.String({ pattern: KEY_PATTERN }),
      Type.String({
        maxLength: VALUE_CHARACTERS,
        pattern: '^[^\\u0000]*$',
        description: 'Any text without NUL.',
        writeOnly: true,
        'x-form': 'without the character NUL',
      }),
      { minProperties: 1, maxProperties: 128, additionalProperties: false },
    ),
  }),
  success: { status: 200, description: 'The keys, by name.', schema: KeysView },
  problems: ['not-found', 'conflict', 'limit-reached'],
  async handle({ user, params, body, services, change }) {
    const entries = Object.entries(body.set);
    for (const [key] of entries) checkKey(key);
    const long = entries.find(([key]) => key.length > KEY_CHARACTERS);
    if (long !== undefined) {
      throw new ProblemError('invalid-request', `A key has at most ${KEY_CHARACTERS} characters.`, {
        errors: [
          {
            field: 'body/set',
            found: `a key of ${long[0].length} characters`,
            allowed: `at most ${KEY_CHARACTERS}`,
          },
        ],
      });
    }
    const { keys } = await change(
      async (tx) => {
        const { id, name } = await livingHandler(tx, user, params.handler);
        for (const [key, value] of entries) {
          const sealedValue = services.sealer.seal(value, placeOfValue(id, key));
          await setConfigValue(tx, { handlerId: id, key, sealedValue, setBy: user.id });
        }
        const { configKeys } = user.limits;
        if ((await countConfigKeys(tx, id)) > configKeys) {
          throw new ProblemError(
            'limit-reached',
            `The handler would have more than ${configKeys} keys, which is what your tier allows. Unset some first.`,
          );
        }
        await notifyHandler(tx, name);
        return { id, name, keys: await listConfigKeys(tx, id) };
      },
      ({ id, name }) => ({ handler: id, name, keys: entries.map(([key]) => key) }),
    );
    return viewKeys(keys);
  },
});
