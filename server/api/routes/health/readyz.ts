import { ProblemError } from '../../../problems/problems.ts';
import { openRoute } from '../../route.ts';
import { HEALTH, HealthView } from './resource.ts';

/** Longer than a healthy database and store take; shorter than a load balancer waits. */
const PATIENCE_MS = 2000;

export const route = openRoute({
  method: 'GET',
  path: '/readyz',
  resource: HEALTH,
  summary: 'Tell whether the process can serve',
  description:
    'It asks the database and the object store, and with the embedded database the run origin. While the server starts or stops it cannot.',
  open: 'A load balancer asks without a token.',
  success: { status: 200, description: 'It can.', schema: HealthView },
  problems: ['unavailable'],
  async handle({ services }) {
    const { db, store, checkExecutors, ending, log } = services;
    const isEnding = ending.signal.aborted;
    const checks: Readonly<Record<string, Promise<unknown>>> = {
      database: db.query('select 1'),
      'object store': store.check(),
      ...(checkExecutors === undefined ? {} : { 'run origin': checkExecutors() }),
    };
    // They are awaited one after the other; one that fails meanwhile must not end the process.
    for (const check of Object.values(checks)) check.catch(() => undefined);
    for (const [what, check] of Object.entries(checks)) {
      const late = AbortSignal.timeout(PATIENCE_MS);
      const isReady = await Promise.race([
        check.then(
          () => true,
          (error: unknown) => {
            log.warn({ err: error, what }, 'not ready');
            return false;
          },
        ),
        new Promise<boolean>((resolve) => late.addEventListener('abort', () => resolve(false))),
      ]);
      if (!isReady || isEnding) {
        const why = isEnding ? 'The server is stopping.' : `The ${what} cannot be reached.`;
        throw new ProblemError('unavailable', why, { headers: { 'retry-after': '2' } });
      }
    }
    return { status: 'ok' as const };
  },
});
