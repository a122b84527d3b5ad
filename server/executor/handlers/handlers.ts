/**
 * The handlers of the database, kept ready to run.
 *
 * A change arrives by NOTIFY. The old record answers until the new one is loaded and compiled, so that no request waits
 * for a deploy or fails by it. If the new one cannot be loaded (the database or the store is away), the old one stays.
 *
 * A notice may be lost, so a record that is used is read again in the background after 45 s, and one older than a minute
 * before it answers. If that read has no outcome within 2 s, the old record answers once more: a database that is away
 * stops no handler that is known.
 */
import { HANDLERS_CHANNEL } from '../../db/handlers/handlers.ts';
import { answerRollout, readQuestion, type RolloutQuestion } from '../../db/handlers/rollouts.ts';
import { ProblemError } from '../../problems/problems.ts';
import { HandlerGate, type IdentifyCaller } from './handler-gate.ts';
import type { FindHandler, FoundHandler } from './handler.ts';
import { HandlerLoader, type HandlerLoaderOptions } from './load-handler.ts';

/** Names kept, and bytes of their modules: the longest unused are forgotten first. Compiled, a module takes more. */
const MAX_NAMES = 5000;
const MAX_BYTES = 512 * 1024 * 1024;
/** Of those that nothing is behind: whoever asks for names without end must not push out what is there. */
const MAX_ABSENT = 1000;
/** What is not there is asked for again after so long, should a notice have been lost. */
const ABSENT_MS = 5000;
/** Age of a record at which a call makes it be read again, and at which a call waits for that. */
const REFRESH_MS = 45_000;
const MAX_AGE_MS = 60_000;
/** How long such a call waits, and for how long others then do not, when the database does not answer. */
const REVALIDATE_MS = 2000;
const TRUST_MS = 10_000;
const RETRY_MS = 1000;
/** A caller waits so long for a handler that is being loaded: no tier gives a run less. */
const PATIENCE_MS = 10_000;

export interface HandlersOptions extends HandlerLoaderOptions {
  /** Asked if the database cannot be asked yet, and if it has no such handler. */
  readonly fallback?: FindHandler;
  /** Milliseconds from any moment on; a test's own. */
  readonly now?: () => number;
  /** Milliseconds that a caller waits for an old record to be read again; default 2 s. */
  readonly revalidateMs?: number;
  /** Milliseconds that a caller waits for a handler to be loaded; default 10 s. */
  readonly patienceMs?: number;
  /** Bytes of modules that are kept; default 512 MiB. */
  readonly maxBytes?: number;
}

interface Entry {
  outcome: FoundHandler | ProblemError | undefined;
  /** The owner of a private handler. */
  privateTo: string | undefined;
  /** Of its module. */
  bytes: number;
  loadedAt: number;
  /** Until then the record answers at any age: the database did not answer a moment ago. */
  trustedUntil: number;
  usedAt: number;
  loading: Promise<void> | undefined;
  /** Changed while it was being loaded. */
  isStale: boolean;
}

export class Handlers {
  readonly #options: HandlersOptions;
  readonly #now: () => number;
  readonly #loader: HandlerLoader;
  readonly #gate: HandlerGate;
  readonly #entries = new Map<string, Entry>();
  readonly #absent = new Set<string>();
  #bytes = 0;
  #isOpen = false;
  #stop: (() => Promise<void>) | undefined;

  constructor(options: HandlersOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#loader = new HandlerLoader(options);
    this.#gate = new HandlerGate(options.db, this.#now);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Begins to listen for changes; until then only the handlers of the fallback are known. */
  async open(): Promise<void> {
    // An opening that failed later on is tried again.
    this.#stop ??= await this.#options.db.listen(HANDLERS_CHANNEL, (name) => {
      const question = readQuestion(name);
      if (question !== undefined) return this.#answer(question);
      this.#gate.forget(name);
      if (name !== '') return this.#refresh(name);
      for (const known of this.#entries.keys()) this.#refresh(known);
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
    const entry = this.#entries.get(name);
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
    if (aged > MAX_AGE_MS && now >= entry.trustedUntil) {
      return this.#revalidate(name, entry, outcome);
    }
    if (aged > REFRESH_MS) void this.#start(name, entry);
    return outcome;
  };

  /** Which version the next run has: asked while somebody waits for what was deployed. */
  #answer({ id, name }: RolloutQuestion): void {
    const { db, log } = this.#options;
    answerRollout(db, { id, versionId: this.#versionOf(name) }).catch((error: unknown) =>
      log.warn({ err: error, handler: name }, 'a question about a handler was not answered'),
    );
  }

  /** Null if nothing is loaded; undefined while something is, or nothing could be. */
  #versionOf(name: string): string | null | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    const { outcome, loading } = entry;
    if (loading !== undefined || outcome === undefined) return undefined;
    return outcome instanceof ProblemError ? undefined : outcome.versionId;
  }

  async #findFor(
    name: string,
    entry: Entry | undefined,
    identify: IdentifyCaller,
  ): Promise<FoundHandler> {
    const { fallback, patienceMs = PATIENCE_MS } = this.#options;
    // The owner of a handler that is known waits for no question to the database.
    if (entry?.privateTo !== undefined && (await identify()) === entry.privateTo) {
      return this.find(name);
    }
    try {
      await within(this.#gate.admit(name, identify), patienceMs);
    } catch (error) {
      if (fallback !== undefined && isAbsent(error)) return fallback(name);
      throw error;
    }
    return this.find(name);
  }

  async #revalidate(name: string, entry: Entry, known: FoundHandler): Promise<FoundHandler> {
    const { revalidateMs = REVALIDATE_MS } = this.#options;
    const { loadedAt } = entry;
    await settleWithin(this.#start(name, entry), revalidateMs);
    if (entry.loadedAt === loadedAt) entry.trustedUntil = this.#now() + TRUST_MS;
    const { outcome } = entry;
    if (outcome instanceof ProblemError) throw outcome;
    return outcome ?? known;
  }

  async #load(name: string): Promise<FoundHandler> {
    const entry = this.#entryOf(name);
    const { patienceMs = PATIENCE_MS } = this.#options;
    // It goes on being loaded for those who come later.
    await settleWithin(this.#start(name, entry), patienceMs);
    const { outcome } = entry;
    if (outcome instanceof ProblemError) throw outcome;
    if (outcome !== undefined) return outcome;
    throw notLoaded();
  }

  #refresh(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    if (entry.loading === undefined) void this.#start(name, entry);
    else entry.isStale = true;
  }

  #entryOf(name: string): Entry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry: Entry = {
      outcome: undefined,
      privateTo: undefined,
      bytes: 0,
      loadedAt: 0,
      trustedUntil: 0,
      usedAt: this.#now(),
      loading: undefined,
      isStale: false,
    };
    this.#entries.set(name, entry);
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
        const { outcome, bytes, privateTo } = await this.#loader.load(name);
        entry.outcome = outcome;
        entry.privateTo = privateTo;
        entry.loadedAt = this.#now();
        if (this.#entries.get(name) === entry) this.#bytes += bytes - entry.bytes;
        entry.bytes = bytes;
        this.#forgetAbsent(name, entry);
        this.#forgetUnused(entry);
      } catch (error) {
        this.#options.log.warn({ err: error, handler: name }, 'a handler could not be loaded');
        // The old one goes on answering; it is looked at again soon.
        if (entry.outcome !== undefined) {
          entry.loadedAt = this.#now();
          setTimeout(() => this.#refresh(name), RETRY_MS).unref();
        } else if (this.#entries.get(name) === entry) this.#forget(name);
        return;
      }
    } while (entry.isStale);
  }

  #forgetAbsent(name: string, { outcome }: Entry): void {
    this.#absent.delete(name);
    if (!(outcome instanceof ProblemError)) return;
    this.#absent.add(name);
    const [oldest] = this.#absent;
    if (this.#absent.size > MAX_ABSENT && oldest !== undefined) this.#forget(oldest);
  }

  /** @param latest is kept, whatever its size */
  #forgetUnused(latest: Entry): void {
    const { maxBytes = MAX_BYTES } = this.#options;
    while (this.#entries.size > MAX_NAMES || this.#bytes > maxBytes) {
      let unused: string | undefined;
      let usedAt = Infinity;
      for (const [name, entry] of this.#entries) {
        if (entry === latest || entry.usedAt >= usedAt) continue;
        unused = name;
        usedAt = entry.usedAt;
      }
      if (unused === undefined) return;
      this.#forget(unused);
    }
  }

  #forget(name: string): void {
    this.#bytes -= this.#entries.get(name)?.bytes ?? 0;
    this.#entries.delete(name);
    this.#absent.delete(name);
  }
}

/** A handler that the fallback lacks may be in the database: whether it is there is not known yet. */
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
      'The server is starting, and does not know all handlers yet. Try again in a moment.',
      { headers: { 'retry-after': '2' } },
    );
  }
}

/** Whether the record is known, and no secret. */
function isPublic(entry: Entry | undefined): boolean {
  const outcome = entry?.outcome;
  return outcome !== undefined && entry?.privateTo === undefined && !isAbsent(outcome);
}

function isAbsent(error: unknown): boolean {
  return error instanceof ProblemError && error.code === 'no-such-handler';
}

function notLoaded(): ProblemError {
  return new ProblemError(
    'unavailable',
    'The handler cannot be loaded now. Try again in a moment.',
    { headers: { 'retry-after': '2' } },
  );
}

/** Rejects if the work has no outcome after so many milliseconds. */
async function within(work: Promise<void>, ms: number): Promise<void> {
  let isDone = false;
  await settleWithin(
    work.finally(() => (isDone = true)),
    ms,
  );
  if (!isDone) throw notLoaded();
}

/** Settles when the work does, and at the latest after so many milliseconds. */
function settleWithin(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
