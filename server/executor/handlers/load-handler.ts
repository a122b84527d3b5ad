/** Loads a handler by name: its row and configuration from the database, its module from the store. */
import { setTimeout as sleep } from 'node:timers/promises';
import { listSealedValues, placeOfValue } from '../../db/handlers/config-values.ts';
import { CHECK_VERSION, requestCheck } from '../../db/handlers/checks.ts';
import type { Database } from '../../db/connection/database.ts';
import { findRunnable, type Runnable } from '../../db/handlers/runnable.ts';
import type { Standing } from '../../db/handlers/standing.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { Sealer } from '../../sealer.ts';
import { limitsOf } from '../../tiers.ts';
import { absentHandler } from './absent.ts';
import type { FindHandler, FoundHandler, LoadedHandler, UntrustedHandler } from './handler.ts';
import { ModuleLoader, type CodeSize, type ModuleLoaderOptions } from './load-module.ts';
import { Policies } from './policies.ts';

export interface HandlerLoaderOptions extends ModuleLoaderOptions {
  readonly db: Database;
  readonly sealer: Sealer;
  /** Used if the database has no such handler. */
  readonly fallback?: FindHandler;
  /** Default `anywhere`. */
  readonly place?: RunPlace;
}

/**
 * Which versions run in this process: `shared`, the trusted ones; `probation`, all but those in quarantine; `anywhere`,
 * all, since there is no probation.
 */
export type RunPlace = 'shared' | 'probation' | 'anywhere';

export interface HandlerLoad {
  readonly outcome: FoundHandler | ProblemError;
  /** Size of what only its module has; 0 if there is none. */
  readonly bytes: number;
  /** Compiled code that other handlers may have too. */
  readonly code?: CodeSize;
  /** The owner of a private handler. */
  readonly privateTo?: string;
}

/** How long a caller waits for a module to be checked again; shorter than the wait for loading. */
const CHECK_TIMEOUT_MS = 8000;
const CHECK_POLL_MS = 200;

type RunnableVersion = NonNullable<Runnable['version']>;

export class HandlerLoader {
  readonly #options: HandlerLoaderOptions;
  readonly #modules: ModuleLoader;
  readonly #policies = new Policies();

  constructor(options: HandlerLoaderOptions) {
    this.#options = options;
    this.#modules = new ModuleLoader(options);
  }

  /** Rejects if the database or the store is unreachable, or if the store lacks the module. */
  async load(name: string): Promise<HandlerLoad> {
    const { db, sealer } = this.#options;
    const found = await this.#findChecked(name);
    if (found === undefined) return { outcome: await this.#findInFallback(name), bytes: 0 };
    const { version } = found;
    const access = found.isPrivate ? { privateTo: found.ownerId } : {};
    if (found.isLocked || version === null) {
      return { outcome: describeUnavailable(found), bytes: 0, ...access };
    }
    const refusal = findCheckRefusal(version);
    if (refusal !== undefined) return { outcome: refusal, bytes: 0, ...access };
    if (!runsIn(this.#options.place ?? 'anywhere', found.standing)) {
      return { outcome: toUntrusted(found, version), bytes: 0, ...access };
    }
    const [{ module, bytes, code }, values] = await Promise.all([
      this.#modules.load(version, found.ownerId),
      listSealedValues(db, found.handlerId),
    ]);
    const env: Record<string, string> = {};
    for (const { key, sealedValue } of values) {
      env[key] = sealer.open(sealedValue, placeOfValue(found.handlerId, key));
    }
    const policy = found.policy === null ? undefined : this.#policies.parse(found.policy);
    const handler = { ...ownFields(found, version.id), module, policy, env };
    return { outcome: handler, bytes, code, ...access };
  }

  /** Waits briefly for a version that an updated server must check again. */
  async #findChecked(name: string): Promise<Runnable | undefined> {
    const { db } = this.#options;
    const until = performance.now() + CHECK_TIMEOUT_MS;
    for (let asked = ''; ;) {
      const found = await findRunnable(db, name);
      const version = found?.version;
      if (!version || version.checkVersion >= CHECK_VERSION || performance.now() > until) {
        return found;
      }
      if (asked !== version.id) await requestCheck(db, version.id);
      asked = version.id;
      await sleep(CHECK_POLL_MS);
    }
  }

  async #findInFallback(name: string): Promise<FoundHandler | ProblemError> {
    const { fallback } = this.#options;
    try {
      if (fallback !== undefined) return await fallback(name);
    } catch (error) {
      if (error instanceof ProblemError) return error;
      throw error;
    }
    return absentHandler();
  }
}

/** The reason why a version may not run; undefined if it may. */
function findCheckRefusal({
  checkVersion,
  checkRefusal,
}: RunnableVersion): ProblemError | undefined {
  if (checkVersion < CHECK_VERSION) {
    return new ProblemError(
      'unavailable',
      'The module is being checked again, since the server was updated. Try again in a moment.',
      { headers: { 'retry-after': '2' } },
    );
  }
  if (checkRefusal === null) return undefined;
  return new ProblemError(
    'no-version',
    `The module was uploaded to an older version of the server, and this one refuses it: ${checkRefusal} Upload another version.`,
  );
}

function describeUnavailable({ isLocked }: Runnable): ProblemError {
  return isLocked
    ? new ProblemError(
        'handler-locked',
        'The account of the handler’s owner is locked. None of the owner’s handlers run.',
      )
    : new ProblemError(
        'no-version',
        'The handler has no module yet. Upload one: the handler then responds at once.',
      );
}

function runsIn(place: RunPlace, { state }: Standing): boolean {
  if (place === 'anywhere') return true;
  return place === 'shared' ? state === 'trusted' : state !== 'quarantined';
}

/** Without the policy and the configuration, which this process does not need. */
function toUntrusted(found: Runnable, { id, number }: RunnableVersion): UntrustedHandler {
  const { standing } = found;
  const own = ownFields(found, id);
  return { ...own, module: undefined, policy: undefined, env: {}, standing, version: number };
}

function ownFields(
  { handlerId, ownerId, name, mode, isPrivate, keepsTrace, tier }: Runnable,
  versionId: string,
): Omit<LoadedHandler, 'module' | 'policy' | 'env'> {
  const limits = limitsOf(tier);
  return { id: handlerId, ownerId, versionId, name, mode, isPrivate, keepsTrace, limits };
}
