import { Type } from 'typebox';
import { closed, userRoute } from '../../route.ts';
import { KEYS } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/keys/rotate',
  resource: KEYS,
  summary: 'Rotate the signing key',
  description: 'Existing tokens stay valid. Keys are also rotated automatically every 90 days.',
  user: { scope: 'admin', admin: true },
  audit: 'key.rotate',
  success: {
    status: 201,
    description: 'The ID of the new key.',
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
