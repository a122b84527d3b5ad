/**
 * Caches the database's handlers, compiled and ready to run.
 *
 * Changes arrive by NOTIFY. The old entry is served until the new one is loaded and compiled, so that no request waits
 * for a deploy or fails because of it. If the new one cannot be loaded (database or store unreachable), the old one
 * stays.
 *
 * Notifications may be lost, so an entry in use is reloaded in the background after 45 s, and before it is used if it
 * is older than a minute. If that reload takes more than 2 s, the old entry is used: cached handlers survive an outage
 * of the database.
 */
import { HANDLERS_CHANNEL } from '../../db/handlers/handlers.ts';
import { answerRollout, readQuestion, type RolloutQuestion } from '../../db/handlers/rollouts.ts';
import { ProblemError } from '../../problems/problems.ts';
import { isAbsent } from './absent.ts';
import { HandlerCache, type CacheEntry } from './handler-cache.ts';
import { HandlerGate, type IdentifyCaller } from './handler-gate.ts';
import type { FindHandler, FoundHandler } from './handler.ts';
import { HandlerLoader, type HandlerLoaderOptions } from './load-handler.ts';

/** Lifetime of a negative entry, in case a notification was lost. */
const ABSENT_MS = 5000;
/** Age of an entry after which a call reloads it in the background, and after which a call waits for that. */
const REFRESH_MS = 45_000;
const MAX_AGE_MS = 60_000;
/** How long such a call waits, and for how long later calls then do not wait, if the database does not answer. */
const REVALIDATE_MS = 2000;
const STALE_OK_MS = 10_000;
const RETRY_MS = 1000;
/** How long a caller waits for a handler to load; no tier's deadline is shorter. */
const LOAD_TIMEOUT_MS = 10_000;

export interface HandlersOptions extends HandlerLoaderOptions {
  /** Used before the database is open, and for names it does not have. */
  readonly fallback?: FindHandler;
  /** Monotonic clock in milliseconds; replaced by tests. */
  readonly now?: () => number;
  /** Milliseconds that a caller waits for an old entry to be reloaded; default 2 s. */
  readonly revalidateMs?: number;
  /** Milliseconds that a caller waits for a handler to be loaded; default 10 s. */
  readonly patienceMs?: number;
  /** Bytes of modules that are kept; default 512 MiB. */
  readonly maxBytes?: number;
}

export class Handlers {
  readonly #options: HandlersOptions;
  readonly #now: () => number;
  readonly #loader: HandlerLoader;
  readonly #gate: HandlerGate;
  readonly #cache: HandlerCache;
  #isOpen = false;
  #stop: (() => Promise<void>) | undefined;

  constructor(options: HandlersOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#loader = new HandlerLoader(options);
    this.#cache = new HandlerCache(this.#now, options.maxBytes);
    this.#gate = new HandlerGate(options.db, this.#now);
  }

  get size(): number {
    return this.#cache.size;
  }

  /** Starts listening for changes; until then only the fallback's handlers are known. */
  async open(): Promise<void> {
    // `open` may be retried after a later step of startup failed.
    this.#stop ??= await this.#options.db.listen(HANDLERS_CHANNEL, (name) => {
      const question = readQuestion(name);
      if (question !== undefined) return this.#answer(question);
      this.#gate.forget(name);
      if (name !== '') return this.#refresh(name);
      for (const known of this.#cache.names) this.#refresh(known);
    });
    this.#isOpen = true;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#stop?.();
  }

  readonly find: FindHandler = (name, identify) => {
    const { fallback } = this.#options;
    if (!this.#isOpen && fallback !== undefined) return findBeforeOpening(fallback, name);
    const entry = this.#cache.get(name);
    if (identify !== undefined && !isPublic(entry)) return this.#findFor(name, entry, identify);
    if (entry === undefined) return this.#load(name);
    const { outcome } = entry;
    if (outcome === undefined) return this.#load(name);
    const now = this.#now();
    const aged = now - entry.loadedAt;
    entry.usedAt = now;
    if (outcome instanceof ProblemError) {
      if (aged > ABSENT_MS) return this.#load(name);
      throw outcome;
    }
    if (aged > MAX_AGE_MS && now >= entry.staleOkUntil) {
      return this.#revalidate(name, entry, outcome);
    }
    if (aged > REFRESH_MS) void this.#start(name, entry);
    return outcome;
  };

  /** Reports which version the next run uses; asked while a client waits for a rollout. */
  #answer({ id, name }: RolloutQuestion): void {
    const { db, log } = this.#options;
    answerRollout(db, { id, versionId: this.#versionOf(name) }).catch((error: unknown) =>
      log.warn({ err: error, handler: name }, 'a question about a handler was not answered'),
    );
  }

  /** Null if nothing is loaded; undefined while it is loading or failed to load. */
  #versionOf(name: string): string | null | undefined {
    const entry = this.#cache.get(name);
    if (entry === undefined) return null;
    const { outcome, loading } = entry;
    if (loading !== undefined || outcome === undefined) return undefined;
    return outcome instanceof ProblemError ? undefined : outcome.versionId;
  }

  async #findFor(
    name: string,
    entry: CacheEntry | undefined,
    identify: IdentifyCaller,
  ): Promise<FoundHandler> {
    const { fallback, patienceMs = LOAD_TIMEOUT_MS } = this.#options;
    // The owner of a cached handler does not wait for a database query.
    if (entry?.privateTo !== undefined && (await identify()) === entry.privateTo) {
      return this.find(name);
    }
    try {
      await rejectAfter(this.#gate.admit(name, identify), patienceMs);
    } catch (error) {
      if (fallback !== undefined && isAbsent(error)) return fallback(name);
      throw error;
    }
    return this.find(name);
  }

  async #revalidate(name: string, entry: CacheEntry, known: FoundHandler): Promise<FoundHandler> {
    const { revalidateMs = REVALIDATE_MS } = this.#options;
    const { loadedAt } = entry;
    await settleWithin(this.#start(name, entry), revalidateMs);
    if (entry.loadedAt === loadedAt) entry.staleOkUntil = this.#now() + STALE_OK_MS;
    const { outcome } = entry;
    if (outcome instanceof ProblemError) throw outcome;
    return outcome ?? known;
  }

  async #load(name: string): Promise<FoundHandler> {
    const entry = this.#cache.entryOf(name);
    const { patienceMs = LOAD_TIMEOUT_MS } = this.#options;
    // Loading continues after the timeout, for later callers.
    await settleWithin(this.#start(name, entry), patienceMs);
    const { outcome } = entry;
    if (outcome instanceof ProblemError) throw outcome;
    if (outcome !== undefined) return outcome;
    throw notLoaded();
  }

  #refresh(name: string): void {
    const entry = this.#cache.get(name);
    if (entry === undefined) return;
    if (entry.loading === undefined) void this.#start(name, entry);
    else entry.isStale = true;
  }

  /** Loads once at a time; concurrent callers share the promise. */
  #start(name: string, entry: CacheEntry): Promise<void> {
    entry.loading ??= this.#read(name, entry).finally(() => {
      entry.loading = undefined;
    });
    return entry.loading;
  }

  async #read(name: string, entry: CacheEntry): Promise<void> {
    do {
      entry.isStale = false;
      try {
        this.#cache.store(name, entry, await this.#loader.load(name));
      } catch (error) {
        this.#options.log.warn({ err: error, handler: name }, 'a handler could not be loaded');
        // The old entry stays in use, and is reloaded soon.
        if (entry.outcome !== undefined) {
          entry.loadedAt = this.#now();
          setTimeout(() => this.#refresh(name), RETRY_MS).unref();
        } else this.#cache.remove(name, entry);
        return;
      }
    } while (entry.isStale);
  }
}

/** A handler missing from the fallback may be in the database, which is not known yet. */
function findBeforeOpening(
  fallback: FindHandler,
  name: string,
): FoundHandler | Promise<FoundHandler> {
  try {
    return fallback(name);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw new ProblemError(
      'unavailable',
      'The server is starting, and has not loaded all handlers yet. Try again in a moment.',
      { headers: { 'retry-after': '2' } },
    );
  }
}

/** Whether the entry is cached and not private. */
function isPublic(entry: CacheEntry | undefined): boolean {
  const outcome = entry?.outcome;
  return outcome !== undefined && entry?.privateTo === undefined && !isAbsent(outcome);
}

function notLoaded(): ProblemError {
  return new ProblemError(
    'unavailable',
    'The handler cannot be loaded now. Try again in a moment.',
    { headers: { 'retry-after': '2' } },
  );
}

/** Rejects if the work has not settled after `ms` milliseconds. */
async function rejectAfter(work: Promise<void>, ms: number): Promise<void> {
  let isDone = false;
  await settleWithin(
    work.finally(() => (isDone = true)),
    ms,
  );
  if (!isDone) throw notLoaded();
}

/** Settles with the work, or resolves after `ms` milliseconds. */
function settleWithin(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
