/** The executor as a process has it: the app, the journal, and what keeps both in step with the database. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { LoadedExample } from '../../examples/load.ts';
import { Scheduler } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { KeyRing } from '../api/auth/keys.ts';
import { dataPaths, type Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { createLog } from '../log.ts';
import { closeApp } from '../process/listen.ts';
import type { Sealer } from '../sealer.ts';
import { reportStore } from '../store/report.ts';
import type { ObjectStore } from '../store/store.ts';
import { buildExecutorApp } from './app.ts';
import { CallService } from './calls/service.ts';
import { guardedFetch } from './egress/fetch.ts';
import { guestPlatforms, type GuestPlatformOptions } from './egress/platform.ts';
import { exampleHandlers } from './examples.ts';
import { Handlers } from './handlers.ts';
import { addHealthPages } from './health.ts';
import { Journal } from './journal.ts';
import { ExecutorMetrics } from './metrics.ts';
import { OwnerCheck } from './owner.ts';
import { ProblemError } from '../problems.ts';
import { Quotas } from './quotas.ts';
import { Shipper } from './shipper.ts';
import { shareMetrics } from '../process/metrics.ts';

export interface ServiceOptions {
  readonly config: Config;
  readonly db: Database;
  readonly store: ObjectStore;
  readonly sealer: Sealer;
  readonly log?: Logger;
  readonly clock?: () => Date;
  /** Served before the database is open, and if it has no such handler. */
  readonly examples?: readonly LoadedExample[];
  readonly egress?: GuestPlatformOptions;
  /** Where the queue of asynchronous calls has its tables; default `pgboss`. */
  readonly queueSchema?: string;
}

export interface ExecutorService {
  readonly app: FastifyInstance;
  /** Opens the database, and goes on trying where that fails. Until then the examples alone answer. */
  open(): Promise<void>;
  /** Answers what is under way, writes what was run, and stops. */
  close(): Promise<void>;
}

/** Between attempts to open the database. */
const RETRY_MS = 1000;

export function createExecutor(options: ServiceOptions): ExecutorService {
  const { config, db, store, sealer, examples, clock = () => new Date() } = options;
  const log = options.log ?? createLog(config.logLevel);
  const folder = dataPaths(config).runs;
  const journal = new Journal({ folder, sync: config.journalSync });
  const metrics = new ExecutorMetrics();
  shareMetrics(metrics.registry);
  const shipper = new Shipper({
    journal,
    folder,
    db,
    log,
    onShipped: (runs) => metrics.onShipped(runs.length),
    onSetAside: () => metrics.onSetAside(),
  });
  const handlers = new Handlers({
    db,
    store,
    sealer,
    log,
    ...(examples === undefined ? {} : { fallback: exampleHandlers(examples, config.webOrigin) }),
  });
  const health = { isOpen: false, isEnding: false };
  metrics.watch('trisiel_handlers_known', 'Handlers kept ready to run.', () => handlers.size);
  metrics.watch(
    'trisiel_journal_behind_bytes',
    'Runs in the journal and not in the database.',
    () => shipper.behindBytes(),
  );
  const platformFor = guestPlatforms({ docsOrigin: config.docsOrigin, ...options.egress });
  const scheduler = new Scheduler({
    platform: nodePlatform,
    memoryPages: config.guestMemoryPages,
    queueLength: config.runQueue,
  });
  const quotas = new Quotas(db, () => clock().getTime());
  const keys = new KeyRing(db, sealer, clock);
  const { webOrigin, runOrigin, docsOrigin, trustProxy, metricsToken } = config;
  const owners = new OwnerCheck({ db, keys, webOrigin, clock });
  const shared = {
    findHandler: handlers.find,
    platformFor,
    scheduler,
    quotas,
    metrics,
    log,
    owners,
    runOrigin,
    docsOrigin,
    trustProxy,
  };
  const calls = new CallService({
    ...shared,
    db,
    keys,
    webOrigin,
    databaseUrl: config.databaseUrl,
    fetch: guardedFetch(options.egress),
    allowedOrigins: options.egress?.allowedOrigins ?? [],
    ...(options.queueSchema === undefined ? {} : { queueSchema: options.queueSchema }),
  });
  const app = buildExecutorApp({
    ...shared,
    webOrigin,
    webOrigins: config.allowedOrigins,
    journal,
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
      // At the same time: either may take as long as a run.
      await Promise.all([closeApp(app), health.isOpen ? calls.close() : undefined]);
      await handlers.close();
      journal.close();
      if (isShipping) await shipper.close();
      await quotas.close();
    },
  };
}
