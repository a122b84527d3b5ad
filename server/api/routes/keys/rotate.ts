import { Type } from 'typebox';
import { closed, userRoute } from '../../route.ts';
import { KEYS } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/keys/rotate',
  resource: KEYS,
  summary: 'Rotate the signing keys',
  description:
    'Replaces the key of tokens and the key of callbacks. Existing tokens stay valid. Keys are also rotated automatically every 90 days.',
  user: { scope: 'admin', admin: true },
  audit: 'key.rotate',
  success: {
    status: 201,
    description: 'The ID of the new key of tokens.',
    schema: closed({ kid: Type.String() }),
  },
  async handle({ services, change }) {
    const [kid] = await Promise.all([services.keys.rotate(), services.callbackKeys.rotate()]);
    await change(
      async () => undefined,
      () => ({ kid }),
    );
    return { kid };
  },
});
