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
  summary: 'Tell what this server is',
  description:
    'For programs: whether this is a Trisiel at all, where its parts are, and its clock.',
  open: 'A program asks before it has a token.',
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
        description: 'Whether people sign in with a name alone, as on one machine.',
      }),
      keepDays: Type.Integer({
        minimum: 0,
        description: 'Days that runs and deleted handlers are kept; 0 for ever.',
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
