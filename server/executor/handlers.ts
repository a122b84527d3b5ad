/**
 * The handlers of the database, kept ready to run.
 *
 * A change is told by NOTIFY. The old record answers until the new one is loaded and compiled, so that no request waits
 * for a deploy or fails by it. What could not be loaded (the database or the store is away) leaves the old one in place.
 */
import type { Logger } from 'pino';
import { compile, loadMetered, parsePolicy, type RunnableModule } from '../../olin/index.ts';
import { listSealedValues, placeOfValue } from '../db/config-values.ts';
import type { Database } from '../db/database.ts';
import { HANDLERS_CHANNEL } from '../db/handlers.ts';
import { findRunnable, type Runnable } from '../db/runnable.ts';
import { ProblemError } from '../problems.ts';
import type { Sealer } from '../sealer.ts';
import type { ObjectStore } from '../store/store.ts';
import { limitsOf } from '../tiers.ts';
import type { FindHandler, Handler } from './handler.ts';

/** Names kept, the longest unused forgotten first. */
const MOST_NAMES = 5000;
/** Of those that nothing is behind: whoever asks for names without end must not push out what is there. */
const MOST_ABSENT = 1000;
/** What is not there is asked for again after so long, should a notice have been lost. */
const ABSENT_MS = 5000;
/** And so is what is there. */
const KNOWN_MS = 60_000;
const RETRY_MS = 1000;
/** A caller waits so long for a handler that is being loaded: no tier gives a run less. */
const PATIENCE_MS = 10_000;

export interface HandlersOptions {
  readonly db: Database;
  readonly store: ObjectStore;
  readonly sealer: Sealer;
  readonly log: Logger;
  /** Asked first where the database cannot be asked yet, and where it has no such handler. */
  readonly fallback?: FindHandler;
  /** Milliseconds that a caller waits for a handler to be loaded; default 10 s. */
  readonly patienceMs?: number;
}

interface Entry {
  outcome: Handler | ProblemError | undefined;
  loadedAt: number;
  loading: Promise<void> | undefined;
  /** Changed while it was being loaded. */
  isStale: boolean;
}

export class Handlers {
  readonly #options: HandlersOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #modules = new Map<string, WeakRef<RunnableModule>>();
  readonly #absent = new Set<string>();
  #isOpen = false;
  #stop: (() => Promise<void>) | undefined;

  constructor(options: HandlersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Begins to listen for changes; until then the fallback alone answers. */
  async open(): Promise<void> {
    // An opening that failed later on is tried again.
    this.#stop ??= await this.#options.db.listen(HANDLERS_CHANNEL, (name) => {
      if (name !== '') return this.#refresh(name);
      for (const known of this.#entries.keys()) this.#refresh(known);
    });
    this.#isOpen = true;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#stop?.();
  }

  readonly find: FindHandler = (name) => {
    const { fallback } = this.#options;
    if (!this.#isOpen && fallback !== undefined) return fallback(name);
    const entry = this.#entries.get(name);
    if (entry === undefined) return this.#load(name);
    const { outcome } = entry;
    if (outcome === undefined) return this.#load(name);
    const aged = performance.now() - entry.loadedAt;
    if (outcome instanceof ProblemError) {
      if (aged > ABSENT_MS) return this.#load(name);
      throw outcome;
    }
    if (aged > KNOWN_MS) this.#refresh(name);
    return outcome;
  };

  async #load(name: string): Promise<Handler> {
    const entry = this.#entryOf(name);
    const { patienceMs = PATIENCE_MS } = this.#options;
    // It goes on being loaded for those who come later.
    await settleWithin(this.#start(name, entry), patienceMs);
    const { outcome } = entry;
    if (outcome instanceof ProblemError) throw outcome;
    if (outcome !== undefined) return outcome;
    throw new ProblemError(
      'unavailable',
      'The handler cannot be loaded now. Try again in a moment.',
      {
        headers: { 'retry-after': '2' },
      },
    );
  }

  #refresh(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    if (entry.loading === undefined) void this.#start(name, entry);
    else entry.isStale = true;
  }

  #entryOf(name: string): Entry {
    const known = this.#entries.get(name);
    this.#entries.delete(name);
    const entry = known ?? {
      outcome: undefined,
      loadedAt: 0,
      loading: undefined,
      isStale: false,
    };
    this.#entries.set(name, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST_NAMES && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }

  /** One loading at a time; those who come meanwhile share it. */
  #start(name: string, entry: Entry): Promise<void> {
    entry.loading ??= this.#read(name, entry).finally(() => {
      entry.loading = undefined;
    });
    return entry.loading;
  }

  async #read(name: string, entry: Entry): Promise<void> {
    do {
      entry.isStale = false;
      try {
        entry.outcome = await this.#build(name);
        entry.loadedAt = performance.now();
        this.#forgetAbsent(name, entry);
      } catch (error) {
        this.#options.log.warn({ err: error, handler: name }, 'a handler could not be loaded');
        // The old one goes on answering; it is looked at again soon.
        if (entry.outcome !== undefined) {
          entry.loadedAt = performance.now();
          setTimeout(() => this.#refresh(name), RETRY_MS).unref();
        } else if (this.#entries.get(name) === entry) this.#entries.delete(name);
        return;
      }
    } while (entry.isStale);
  }

  #forgetAbsent(name: string, { outcome }: Entry): void {
    this.#absent.delete(name);
    if (!(outcome instanceof ProblemError)) return;
    this.#absent.add(name);
    const [oldest] = this.#absent;
    if (this.#absent.size <= MOST_ABSENT || oldest === undefined) return;
    this.#absent.delete(oldest);
    this.#entries.delete(oldest);
  }

  async #build(name: string): Promise<Handler | ProblemError> {
    const { db, fallback, sealer } = this.#options;
    const found = await findRunnable(db, name);
    if (found === undefined) {
      try {
        if (fallback !== undefined) return await fallback(name);
      } catch (error) {
        if (error instanceof ProblemError) return error;
        throw error;
      }
      return new ProblemError(
        'no-such-handler',
        'There is no handler of that name here. Handlers answer at /run/NAME/.',
      );
    }
    if (found.isLocked) {
      return new ProblemError(
        'handler-locked',
        'The account of the handler’s owner is locked. None of its handlers run.',
      );
    }
    const { version } = found;
    if (version === null) {
      return new ProblemError(
        'no-version',
        'No module was uploaded to the handler yet. Upload one: it answers at once.',
      );
    }
    const [module, values] = await Promise.all([
      this.#moduleOf(version),
      listSealedValues(db, found.handlerId),
    ]);
    const env: Record<string, string> = {};
    for (const { key, sealedValue } of values) {
      env[key] = sealer.open(sealedValue, placeOfValue(found.handlerId, key));
    }
    return toHandler(found, version.id, module, env);
  }

  async #moduleOf(version: NonNullable<Runnable['version']>): Promise<RunnableModule> {
    const { digest } = version;
    const known = this.#modules.get(digest)?.deref();
    if (known !== undefined) return known;
    const module = (await this.#loadMetered(version)) ?? (await this.#compile(digest));
    this.#modules.set(digest, new WeakRef(module));
    for (const [each, kept] of this.#modules) {
      if (kept.deref() === undefined) this.#modules.delete(each);
    }
    return module;
  }

  /** What the upload made of the module. The store checks that the bytes are what the digest says. */
  async #loadMetered({
    digest,
    meteredDigest,
  }: NonNullable<Runnable['version']>): Promise<RunnableModule | undefined> {
    try {
      const metered = await this.#options.store.get(meteredDigest);
      return metered && (await loadMetered(metered, digest));
    } catch (error) {
      // What cannot be used is made again of what was uploaded.
      this.#options.log.warn({ err: error, digest }, 'a metered module could not be loaded');
      return undefined;
    }
  }

  async #compile(digest: string): Promise<RunnableModule> {
    const bytes = await this.#options.store.get(digest);
    if (bytes === undefined) throw new Error(`the store has no module ${digest}`);
    return compile(bytes);
  }
}

function toHandler(
  found: Runnable,
  versionId: string,
  module: RunnableModule,
  env: Readonly<Record<string, string>>,
): Handler {
  const { handlerId, ownerId, name, mode, isPrivate, keepsTrace, policy, tier } = found;
  return {
    id: handlerId,
    ownerId,
    versionId,
    name,
    mode,
    isPrivate,
    keepsTrace,
    limits: limitsOf(tier),
    module,
    policy: policy === null ? undefined : parsePolicy(policy),
    env,
  };
}

/** Settles when the work does, and at the latest after so many milliseconds. */
function settleWithin(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
