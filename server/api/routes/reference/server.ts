import { Type } from 'typebox';
import { VERSION } from '../../../../olin/index.ts';
import { closed, openRoute } from '../../route.ts';
import { time, Time } from '../../schemas.ts';
import { REFERENCE } from './resource.ts';

const Origin = Type.String({ format: 'uri' });

export const route = openRoute({
  method: 'GET',
  path: '/api/server',
  resource: REFERENCE,
  summary: 'Get information about the server',
  description: 'For clients: whether this is a Trisiel server, its version, origins and clock.',
  open: 'Clients need it before they have a token.',
  success: {
    status: 200,
    description: 'The server.',
    schema: closed({
      name: Type.Literal('trisiel'),
      version: Type.String(),
      webOrigin: Origin,
      runOrigin: Origin,
      docsOrigin: Origin,
      localSignIn: Type.Boolean({
        description: 'Whether users sign in with only a name, as on a local server.',
      }),
      keepDays: Type.Integer({
        minimum: 0,
        description:
          'Number of days that executions and deleted handlers are kept; 0 means forever.',
      }),
      now: Time,
    }),
  },
  async handle({ services }) {
    const { webOrigin, runOrigin, docsOrigin, issuer, keepDays } = services.config;
    return {
      name: 'trisiel' as const,
      version: VERSION,
      webOrigin,
      runOrigin,
      docsOrigin,
      localSignIn: issuer === undefined,
      keepDays,
      now: time(services.clock()),
    };
  },
});
