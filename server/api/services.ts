/** The dependencies of the routes, created once per server. */
import type { Logger } from 'pino';
import type { Config, IssuerSettings } from '../config.ts';
import type { Database } from '../db/connection/database.ts';
import { createLog } from '../log.ts';
import type { Sealer } from '../sealer.ts';
import type { ObjectStore } from '../store/store.ts';
import { KeyRing } from '../auth/keys.ts';
import { localIssuerSettings } from './auth/local-issuer.ts';
import { SignIn } from './auth/sign-in.ts';
import { HeavyReads } from './reads/heavy-reads.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { RateLimiter } from './rate-limit.ts';
import { Rollouts } from './uploads/rollouts.ts';
import { Tails } from './reads/tail.ts';
import { UploadGate } from './uploads/upload-gate.ts';
import { Validator } from './module-check/validator.ts';

export interface ApiOptions {
  readonly config: Config;
  readonly db: Database;
  readonly store: ObjectStore;
  readonly sealer: Sealer;
  readonly clock?: () => Date;
  readonly log?: Logger;
  /** Default: the API starts its own check processes, and ends them when it closes. */
  readonly checks?: Checks;
  /**
   * Rejects if no handler can be called now, so that the server is not ready. Given if the executors belong to this
   * server only, as with the embedded database.
   */
  readonly checkExecutors?: () => Promise<void>;
}

/** The validators of modules and policies, which work in separate processes. */
export interface Checks {
  readonly validator: Validator;
  /** Checks policies as they are typed, so they do not wait for modules. */
  readonly policies: Validator;
  close(): Promise<void>;
}

export interface Services {
  readonly config: Config;
  readonly db: Database;
  readonly store: ObjectStore;
  /** The current time. Tests pass their own clock. */
  readonly clock: () => Date;
  readonly log: Logger;
  readonly sealer: Sealer;
  readonly keys: KeyRing;
  /** Executors sign callbacks with these. */
  readonly callbackKeys: KeyRing;
  /** Settings of the embedded issuer, which is used if the configuration names none. */
  readonly localIssuer: IssuerSettings;
  readonly signIn: SignIn;
  readonly validator: Checks['validator'];
  /** Checks policies separately, so that checks while typing do not wait for modules. */
  readonly policies: Checks['policies'];
  readonly closeChecks: Checks['close'];
  readonly tails: Tails;
  readonly rollouts: Rollouts;
  readonly limiter: RateLimiter;
  readonly uploads: UploadGate;
  readonly heavyReads: HeavyReads;
  readonly checkExecutors: ApiOptions['checkExecutors'];
  readonly metrics: Metrics;
  /** Aborted when the server stops, which ends streams. */
  readonly ending: AbortController;
}

/** Time limit for checking a policy. */
const POLICY_CHECK_MS = 5000;

/** A page of the panel makes several reads at once, which then wait for each other. */
const HEAVY_READS = { perUser: 1, waitingPerUser: 16, waiting: 200 } as const;

export function makeServices(options: ApiOptions): Services {
  const {
    config,
    db,
    store,
    sealer,
    clock = () => new Date(),
    log = createLog(config.logLevel),
    checks = openChecks(config.uploadCheckMs),
  } = options;
  const localIssuer = localIssuerSettings(config.webOrigin);
  const { validator, policies } = checks;
  const tails = new Tails(db, log);
  const limiter = new RateLimiter(clock);
  const metrics = createMetrics();
  metrics.watch(
    'trisiel_api_checks',
    'Waiting and running checks of modules and policies.',
    () => validator.depth + policies.depth,
  );
  metrics.watch('trisiel_api_tails', 'Open live tails.', () => tails.count);
  return {
    config,
    db,
    store,
    clock,
    log,
    sealer,
    keys: new KeyRing(db, sealer, clock),
    callbackKeys: new KeyRing(db, sealer, clock, 'callbacks'),
    localIssuer,
    signIn: new SignIn(config, config.issuer ?? localIssuer, sealer, clock),
    validator,
    policies,
    closeChecks: checks.close,
    tails,
    rollouts: new Rollouts(db),
    limiter,
    uploads: new UploadGate(limiter),
    heavyReads: new HeavyReads({ ...HEAVY_READS, all: heavyReadsAtOnce(config) }),
    checkExecutors: options.checkExecutors,
    metrics,
    ending: new AbortController(),
  };
}

/** Half of the connections is reserved for quick statements. The embedded database has one session. */
function heavyReadsAtOnce({ databaseUrl, databasePool }: Config): number {
  return databaseUrl === undefined ? 1 : Math.max(1, Math.floor(databasePool / 2));
}

/** @param timeoutMs CPU time that a stage of one check may take */
export function openChecks(timeoutMs: number): Checks {
  const validator = new Validator({ timeoutMs });
  const policies = new Validator({ timeoutMs: Math.min(POLICY_CHECK_MS, timeoutMs) });
  return {
    validator,
    policies,
    close: async () => void (await Promise.all([validator.close(), policies.close()])),
  };
}
