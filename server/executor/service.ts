/** The executor of a process: the app, the journal, and what keeps both in step with the database. */
import type { FastifyInstance } from 'fastify';
import type { LoadedExample } from '../../examples/load.ts';
import { closeApp } from '../process/supervisor/listen.ts';
import { ProblemError } from '../problems/problems.ts';
import { reportStore } from '../store/report.ts';
import { buildExecutorApp } from './app.ts';
import { CallService } from './calls/service.ts';
import { guardedFetch } from './egress/fetch.ts';
import { exampleHandlers } from './handlers/examples.ts';
import { addHealthPages } from './metrics/health.ts';
import { createParts, type PartsOptions } from './parts.ts';
import { ActiveRuns } from '../process/probation/active-runs.ts';
import { activeRunsPath, EndedProcesses } from '../process/probation/ended-processes.ts';
import type { ProbationAccess } from '../process/probation/processes.ts';

export interface ServiceOptions extends PartsOptions {
  /** Served before the database is open, and if it has no such handler. */
  readonly examples?: readonly LoadedExample[];
  /** Schema of the queue of asynchronous calls; default `pgboss`. */
  readonly queueSchema?: string;
  /** Whether another process looks after the queue's tables; default false. */
  readonly isQueueKept?: boolean;
  /** Undefined if there is no supervisor; then all versions run in this process. */
  readonly probation?: ProbationAccess;
}

export interface ExecutorService {
  readonly app: FastifyInstance;
  /** Opens the database, retrying until it succeeds. Until then only the examples answer. */
  open(): Promise<void>;
  /** Finishes open requests, writes the recorded runs, and stops. */
  close(): Promise<void>;
}

/** Between attempts to open the database. */
const RETRY_MS = 1000;

export function createExecutor(options: ServiceOptions): ExecutorService {
  const { config, db, store, examples } = options;
  const { webOrigin, metricsToken } = config;
  const probation = config.probationRuns === 0 ? undefined : options.probation;
  const parts = createParts(options, {
    place: probation === undefined ? 'anywhere' : 'shared',
    activeRuns:
      probation &&
      new ActiveRuns({
        path: activeRunsPath(probation.activeRunsFolder, process.pid),
        isExact: false,
      }),
    ...(examples === undefined ? {} : { fallback: exampleHandlers(examples, webOrigin) }),
  });
  const { callbackKeys, handlers, journal, log, metrics, quotas, shipper, activeRuns } = parts;
  const shared = { ...parts, probation: probation?.processes };
  const ended =
    probation &&
    new EndedProcesses({
      folder: probation.activeRunsFolder,
      db,
      log,
      quarantineHours: config.quarantineHours,
    });
  probation?.onProcessEnded(() => void ended?.settle());
  const health = { isOpen: false, isEnding: false };
  const calls = new CallService({
    ...shared,
    db,
    keys: callbackKeys,
    webOrigin,
    databaseUrl: config.databaseUrl,
    fetch: guardedFetch(options.egress),
    allowedOrigins: options.egress?.allowedOrigins ?? [],
    isQueueKept: options.isQueueKept ?? false,
    ...(options.queueSchema === undefined ? {} : { queueSchema: options.queueSchema }),
  });
  const app = buildExecutorApp({
    ...shared,
    webOrigin,
    webOrigins: config.allowedOrigins,
    acceptCall: (...call) => {
      if (health.isOpen) return calls.accept(...call);
      throw new ProblemError('unavailable', 'The server is starting. Try again in a moment.', {
        headers: { 'retry-after': '2' },
      });
    },
    addPages(pages) {
      addHealthPages(pages, { db, store, metrics, health, metricsToken });
      calls.addPages(pages);
    },
  });
  let isShipping = false;
  const openOnce = async (): Promise<void> => {
    await db.query('select 1');
    // First, because modules that killed a shared process must not run in one again.
    await ended?.open();
    await handlers.open();
    if (!isShipping) shipper.start();
    isShipping = true;
    await calls.open();
    health.isOpen = true;
  };
  return {
    app,
    async open() {
      void reportStore(store, log);
      while (!health.isOpen && !health.isEnding) {
        try {
          await openOnce();
        } catch (error) {
          log.error({ err: error }, 'the executor could not be opened; it tries again');
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    },
    async close() {
      health.isEnding = true;
      // Concurrently, since either may take as long as a run.
      await Promise.all([closeApp(app), health.isOpen ? calls.close() : undefined]);
      await handlers.close();
      journal.close();
      if (isShipping) await shipper.close();
      await quotas.close();
      ended?.close();
      activeRuns?.close();
    },
  };
}
