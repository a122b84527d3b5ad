import { Type } from 'typebox';
import { listUsage } from '../../../db/runs/usage.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams, Id } from '../../schemas.ts';
import { DayText, readDay } from '../../reads/times.ts';
import { ownHandler } from '../handlers/resource.ts';
import { USAGE } from './resource.ts';

const DAY_MS = 86_400_000;
const number = Type.Number({ minimum: 0 });

export const route = userRoute({
  method: 'GET',
  path: '/api/usage',
  resource: USAGE,
  summary: 'Get usage by day and handler',
  description:
    'Days are in UTC. Default: the last 30 days. At most 10,000 rows. A failure is a run that did not succeed, or responded with status 500 or higher.',
  user: { scope: 'executions:read' },
  query: closed({
    handler: Type.Optional(HandlerParams.properties.handler),
    from: Type.Optional(DayText),
    to: Type.Optional(DayText),
  }),
  success: {
    status: 200,
    description: 'Days with runs, oldest first.',
    schema: closed({
      days: Type.Array(
        closed({
          day: Type.String({ format: 'date' }),
          handler: Type.String(),
          handlerId: Id,
          runs: number,
          failures: number,
          gas: number,
          bytesIn: number,
          bytesOut: number,
          wallMs: number,
        }),
      ),
    }),
  },
  problems: ['not-found'],
  async handle({ user, query, services }) {
    const today = services.clock().getTime();
    const dayBefore = (days: number): string =>
      new Date(today - days * DAY_MS).toISOString().slice(0, 10);
    const from = query.from === undefined ? dayBefore(29) : readDay('query/from', query.from);
    const to = query.to === undefined ? dayBefore(0) : readDay('query/to', query.to);
    const handler =
      query.handler === undefined ? undefined : await ownHandler(services.db, user, query.handler);
    const days = await listUsage(services.db, {
      ownerId: user.id,
      handlerId: handler?.id,
      from,
      to,
    });
    return { days };
  },
});
