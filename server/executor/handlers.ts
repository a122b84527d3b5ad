/**
 * The handlers of the database, kept ready to run.
 *
 * A change is told by NOTIFY. The old record answers until the new one is loaded and compiled, so that no request waits
 * for a deploy or fails by it. What could not be loaded (the database or the store is away) leaves the old one in place.
 */
import { HANDLERS_CHANNEL } from '../db/handlers.ts';
import { ProblemError } from '../problems.ts';
import type { FindHandler, Handler } from './handler.ts';
import { HandlerLoader, type HandlerLoaderOptions } from './load-handler.ts';

/** Names kept, and bytes of their modules: the longest unused are forgotten first. Compiled, a module takes more. */
const MOST_NAMES = 5000;
const MOST_BYTES = 512 * 1024 * 1024;
/** Of those that nothing is behind: whoever asks for names without end must not push out what is there. */
const MOST_ABSENT = 1000;
/** What is not there is asked for again after so long, should a notice have been lost. */
const ABSENT_MS = 5000;
/** And so is what is there. */
const KNOWN_MS = 60_000;
const RETRY_MS = 1000;
/** A caller waits so long for a handler that is being loaded: no tier gives a run less. */
const PATIENCE_MS = 10_000;

export interface HandlersOptions extends HandlerLoaderOptions {
  /** Asked first where the database cannot be asked yet, and where it has no such handler. */
  readonly fallback?: FindHandler;
  /** Milliseconds that a caller waits for a handler to be loaded; default 10 s. */
  readonly patienceMs?: number;
  /** Bytes of modules that are kept; default 512 MiB. */
  readonly mostBytes?: number;
}

interface Entry {
  outcome: Handler | ProblemError | undefined;
  /** Of its module. */
  bytes: number;
  loadedAt: number;
  usedAt: number;
  loading: Promise<void> | undefined;
  /** Changed while it was being loaded. */
  isStale: boolean;
}

export class Handlers {
  readonly #options: HandlersOptions;
  readonly #loader: HandlerLoader;
  readonly #entries = new Map<string, Entry>();
  readonly #absent = new Set<string>();
  #bytes = 0;
  #isOpen = false;
  #stop: (() => Promise<void>) | undefined;

  constructor(options: HandlersOptions) {
    this.#options = options;
    this.#loader = new HandlerLoader(options);
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
    const now = performance.now();
    const aged = now - entry.loadedAt;
    entry.usedAt = now;
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
    if (known !== undefined) return known;
    const entry: Entry = {
      outcome: undefined,
      bytes: 0,
      loadedAt: 0,
      usedAt: performance.now(),
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
        const { outcome, bytes } = await this.#loader.load(name);
        entry.outcome = outcome;
        entry.loadedAt = performance.now();
        if (this.#entries.get(name) === entry) this.#bytes += bytes - entry.bytes;
        entry.bytes = bytes;
        this.#forgetAbsent(name, entry);
        this.#forgetUnused(entry);
      } catch (error) {
        this.#options.log.warn({ err: error, handler: name }, 'a handler could not be loaded');
        // The old one goes on answering; it is looked at again soon.
        if (entry.outcome !== undefined) {
          entry.loadedAt = performance.now();
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
    if (this.#absent.size > MOST_ABSENT && oldest !== undefined) this.#forget(oldest);
  }

  /** @param latest is kept, whatever its size */
  #forgetUnused(latest: Entry): void {
    const { mostBytes = MOST_BYTES } = this.#options;
    while (this.#entries.size > MOST_NAMES || this.#bytes > mostBytes) {
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

/** Settles when the work does, and at the latest after so many milliseconds. */
function settleWithin(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
