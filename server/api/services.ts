/** What the routes work with; made once, given to each. */
import type { Logger } from 'pino';
import type { Config, IssuerSettings } from '../config.ts';
import type { Database } from '../db/database.ts';
import type { Sealer } from '../sealer.ts';
import type { ObjectStore } from '../store/store.ts';
import type { KeyRing } from './auth/keys.ts';
import type { SignIn } from './auth/sign-in.ts';
import type { Metrics } from './metrics.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { Tails } from './tail.ts';
import type { Validator } from './validation/validator.ts';

export interface Services {
  readonly config: Config;
  readonly db: Database;
  readonly store: ObjectStore;
  /** Now; a test's own. */
  readonly clock: () => Date;
  readonly log: Logger;
  readonly sealer: Sealer;
  readonly keys: KeyRing;
  /** Of the embedded issuer, which is used where the configuration names none. */
  readonly localIssuer: IssuerSettings;
  readonly signIn: SignIn;
  readonly validator: Validator;
  readonly tails: Tails;
  readonly limiter: RateLimiter;
  readonly metrics: Metrics;
  /** Aborted when the server stops: streams end. */
  readonly ending: AbortController;
}
