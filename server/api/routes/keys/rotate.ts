import { Type } from 'typebox';
import { closed, userRoute } from '../../route.ts';
import { KEYS } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/keys/rotate',
  resource: KEYS,
  summary: 'Sign with a new key from now on',
  description:
    'Tokens that were signed before still verify. It also happens by itself every 90 days.',
  user: { scope: 'admin', admin: true },
  audit: 'key.rotate',
  success: {
    status: 201,
    description: 'The new key’s id.',
    schema: closed({ kid: Type.String() }),
  },
  async handle({ services, change }) {
    const kid = await services.keys.rotate();
    await change(
      async () => undefined,
      () => ({ kid }),
    );
    return { kid };
  },
});
