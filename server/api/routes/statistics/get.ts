import { Type } from 'typebox';
import { readStatistics, type RunFigures } from '../../../db/runs/statistics.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams, nullable, time, Time } from '../../schemas.ts';
import { ownHandler } from '../handlers/resource.ts';
import { STATISTICS } from './resource.ts';

/** Each period is divided into about as many buckets as a chart can show. */
const PERIODS = {
  hour: { bucketSeconds: 60, buckets: 60 },
  day: { bucketSeconds: 900, buckets: 96 },
  week: { bucketSeconds: 7200, buckets: 84 },
} as const;

type Period = keyof typeof PERIODS;
const NAMES: readonly Period[] = ['hour', 'day', 'week'];

const number = Type.Number({ minimum: 0 });
const figures = {
  runs: number,
  failures: number,
  gas: number,
  p50Ms: nullable(number),
  p99Ms: nullable(number),
} as const;

export const route = userRoute({
  method: 'GET',
  path: '/api/statistics',
  resource: STATISTICS,
  summary: 'Get statistics of the last hour, day or week',
  description:
    'Finished runs by start time, in buckets of equal length up to the current one. Buckets without runs are included. A failure is a run that did not succeed, or responded with status 500 or higher. p50Ms and p99Ms are percentiles of the duration, accurate to 5 %; null without runs.',
  user: { scope: 'executions:read' },
  query: closed({
    period: Type.Optional(Type.Enum([...NAMES], { default: 'hour' })),
    handler: Type.Optional(HandlerParams.properties.handler),
  }),
  success: {
    status: 200,
    description: 'The figures.',
    schema: closed({
      from: Time,
      to: Time,
      bucketSeconds: Type.Integer({ minimum: 1 }),
      buckets: Type.Array(closed({ at: Time, ...figures })),
      totals: closed(figures),
    }),
  },
  problems: ['not-found'],
  async handle({ user, query, services }) {
    const { bucketSeconds, buckets } = PERIODS[query.period ?? 'hour'];
    const bucketMs = bucketSeconds * 1000;
    const end = (Math.floor(services.clock().getTime() / bucketMs) + 1) * bucketMs;
    const from = new Date(end - buckets * bucketMs);
    const to = new Date(end);
    const handler =
      query.handler === undefined ? undefined : await ownHandler(services.db, user, query.handler);
    const found = await readStatistics(services.db, {
      ownerId: user.id,
      handlerId: handler?.id,
      from,
      to,
      intervalSeconds: bucketSeconds,
    });
    return {
      from: time(from),
      to: time(to),
      bucketSeconds,
      buckets: found.intervals.map((each) => ({ at: time(each.at), ...viewFigures(each) })),
      totals: viewFigures(found.totals),
    };
  },
});

function viewFigures({ runs, failures, gas, p50Ms, p99Ms }: RunFigures) {
  return { runs, failures, gas, p50Ms, p99Ms };
}
