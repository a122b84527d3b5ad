/** Creates the components of every process that runs guests, shared or on probation. */
import type { Logger } from 'pino';
import { Scheduler } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { KeyRing } from '../auth/keys.ts';
import { dataPaths, type Config } from '../config.ts';
import type { Database } from '../db/connection/database.ts';
import { createLog } from '../log.ts';
import { shareMetrics } from '../process/supervisor/metrics.ts';
import type { Sealer } from '../sealer.ts';
import type { ObjectStore } from '../store/store.ts';
import { guestPlatforms, type GuestPlatformOptions } from './egress/platform.ts';
import type { FindHandler } from './handlers/handler.ts';
import { Handlers } from './handlers/handlers.ts';
import { Journal } from './journal/journal.ts';
import type { RunPlace } from './handlers/load-handler.ts';
import { ExecutorMetrics } from './metrics/metrics.ts';
import { OwnerCheck } from '../auth/owner-check.ts';
import type { ActiveRuns } from '../process/probation/active-runs.ts';
import { Quotas } from './quotas/quotas.ts';
import { Shipper } from './journal/shipper.ts';

const PAGE_BYTES = 65_536;

export interface PartsOptions {
  readonly config: Config;
  readonly db: Database;
  readonly store: ObjectStore;
  readonly sealer: Sealer;
  readonly log?: Logger;
  readonly clock?: () => Date;
  readonly egress?: GuestPlatformOptions;
}

export interface PartsRole {
  readonly place: RunPlace;
  readonly activeRuns: ActiveRuns | undefined;
  readonly fallback?: FindHandler;
}

export function createParts(options: PartsOptions, { place, activeRuns, fallback }: PartsRole) {
  const { config, db, store, sealer, clock = () => new Date() } = options;
  const { webOrigin, runOrigin, docsOrigin, trustProxy } = config;
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
    onShipped: (runs) => metrics.onShipped(runs),
    onSetAside: () => metrics.onSetAside(),
  });
  const handlers = new Handlers({
    db,
    store,
    sealer,
    log,
    place,
    onCompile: ({ ownerId, digest }) => activeRuns?.begin(ownerId, digest).end ?? ignore,
    ...(fallback === undefined ? {} : { fallback }),
  });
  metrics.watch('trisiel_handlers_known', 'Handlers kept ready to run.', () => handlers.size);
  metrics.watch(
    'trisiel_journal_behind_bytes',
    'Runs in the journal and not in the database.',
    () => shipper.behindBytes(),
  );
  const keys = new KeyRing(db, sealer, clock);
  return {
    findHandler: handlers.find,
    handlers,
    platformFor: guestPlatforms({ docsOrigin, ...options.egress }),
    scheduler: new Scheduler({
      platform: nodePlatform,
      memoryPages: place === 'probation' ? probationPages(config) : config.guestMemoryPages,
      queueLength: config.runQueue,
    }),
    quotas: new Quotas(db, () => clock().getTime()),
    callbackKeys: new KeyRing(db, sealer, clock, 'callbacks'),
    owners: new OwnerCheck({ db, keys, webOrigin, clock }),
    journal,
    shipper,
    metrics,
    log,
    activeRuns,
    runOrigin,
    docsOrigin,
    trustProxy,
  };
}

/**
 * Keeps the permitted memory of guests well below the process limit: exceeding that limit would quarantine their
 * modules.
 */
function probationPages({ guestMemoryPages, probationProcessBytes }: Config): number {
  return Math.min(guestMemoryPages, Math.floor(probationProcessBytes / 2 / PAGE_BYTES));
}

function ignore(): void {}
