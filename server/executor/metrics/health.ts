/** Liveness, readiness and metrics of an executor. */
import type { FastifyInstance } from 'fastify';
import { mayReadMetrics } from '../../auth/metrics-access.ts';
import type { Database } from '../../db/connection/database.ts';
import { sendProblem } from '../../problems/send-problem.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { ExecutorMetrics } from './metrics.ts';
import { requestMetricsSums } from '../../process/supervisor/metrics.ts';
import { MemoryProbe } from './memory-probe.ts';

export interface HealthOptions {
  readonly db: Pick<Database, 'query'>;
  readonly store: Pick<ObjectStore, 'check'>;
  readonly metrics: ExecutorMetrics;
  /** Default: a new probe. */
  readonly memory?: Pick<MemoryProbe, 'check'>;
  readonly health: { readonly isOpen: boolean; readonly isEnding: boolean };
  /** Required by `/metrics`; if undefined, only loopback clients may read it. */
  readonly metricsToken: string | undefined;
}

/** Longer than a healthy database and store take; shorter than a load balancer waits. */
const CHECK_TIMEOUT_MS = 2000;

export function addHealthPages(app: FastifyInstance, options: HealthOptions): void {
  const { db, store, metrics, health, metricsToken, memory = new MemoryProbe() } = options;
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const why = health.isEnding
      ? 'The server is stopping.'
      : !health.isOpen
        ? 'The server is starting.'
        : await findFailure([
            ['The object store cannot be reached.', store.check()],
            ['The database cannot be reached.', db.query('select 1')],
            ['No memory can be allocated for a run.', memory.check()],
          ]);
    if (why === undefined) return { status: 'ok' };
    return sendProblem(reply.header('retry-after', '2'), {
      status: 503,
      title: 'Temporarily unavailable',
      detail: why,
    });
  });
  app.get('/metrics', async (request, reply) => {
    if (!mayReadMetrics(request, metricsToken)) {
      return sendProblem(reply, {
        status: 404,
        title: 'Not found',
        detail: 'There is nothing at this address.',
      });
    }
    const text = (await requestMetricsSums()) ?? (await metrics.registry.metrics());
    return reply.type(metrics.registry.contentType).send(text);
  });
}

/** Runs all checks concurrently and handles every rejection, since an unhandled one would end the process. */
async function findFailure(
  checks: readonly (readonly [failure: string, check: Promise<unknown>])[],
): Promise<string | undefined> {
  const outcomes = await Promise.all(
    checks.map(async ([failure, check]) => {
      const late = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => late.resolve(false), CHECK_TIMEOUT_MS);
      const isReady = await Promise.race([
        check.then(
          () => true,
          () => false,
        ),
        late.promise,
      ]);
      clearTimeout(timer);
      return isReady ? undefined : failure;
    }),
  );
  return outcomes.find((each) => each !== undefined);
}
