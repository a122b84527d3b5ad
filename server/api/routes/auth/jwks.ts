import { Type } from 'typebox';
import { openRoute } from '../../route.ts';
import { AUTH } from './resource.ts';

export const route = openRoute({
  method: 'GET',
  path: '/.well-known/jwks.json',
  resource: AUTH,
  summary: 'Get the public keys',
  description:
    'The keys to verify tokens and callbacks with, as a JWK set. A revoked token is refused even though its signature is valid.',
  open: 'The keys are public.',
  success: {
    status: 200,
    description: 'The keys of tokens, then those of callbacks, each with the current one first.',
    schema: Type.Object({
      keys: Type.Array(
        Type.Object({
          kid: Type.String(),
          kty: Type.Literal('OKP'),
          crv: Type.Literal('Ed25519'),
          x: Type.String(),
          alg: Type.Literal('EdDSA'),
          use: Type.Literal('sig'),
        }),
      ),
    }),
  },
  async handle({ services, reply }) {
    const rings = [services.keys, services.callbackKeys];
    const keys = await Promise.all(
      rings.map(async (ring) => {
        await ring.signer();
        return ring.publicJwks();
      }),
    );
    reply.header('cache-control', 'public, max-age=300');
    return {
      keys: keys.flat().map(({ kid = '', x = '' }) => ({
        kid,
        x,
        kty: 'OKP' as const,
        crv: 'Ed25519' as const,
        alg: 'EdDSA' as const,
        use: 'sig' as const,
      })),
    };
  },
});
