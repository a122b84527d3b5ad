import { ProblemError } from '../../../problems/problems.ts';
import { openRoute } from '../../route.ts';
import { HEALTH, HealthView } from './resource.ts';

/** Longer than a healthy database and store need, shorter than load balancers wait. */
const TIMEOUT_MS = 2000;

export const route = openRoute({
  method: 'GET',
  path: '/readyz',
  resource: HEALTH,
  summary: 'Check that the server is ready',
  description:
    'Checks the database and the object store, and with the embedded database the run origin. Fails while the server is starting or stopping.',
  open: 'Load balancers have no token.',
  success: { status: 200, description: 'The server is ready.', schema: HealthView },
  problems: ['unavailable'],
  async handle({ services }) {
    const { db, store, checkExecutors, ending, log } = services;
    const isEnding = ending.signal.aborted;
    const checks: Readonly<Record<string, Promise<unknown>>> = {
      database: db.query('select 1'),
      'object store': store.check(),
      ...(checkExecutors === undefined ? {} : { 'run origin': checkExecutors() }),
    };
    // The checks are awaited in turn; one that fails meanwhile must not be an unhandled rejection.
    for (const check of Object.values(checks)) check.catch(() => undefined);
    for (const [what, check] of Object.entries(checks)) {
      const late = AbortSignal.timeout(TIMEOUT_MS);
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
