/** Caches handlers by name, with limits on their number and total size. Code that several handlers share counts once. */
import { ProblemError } from '../../problems/problems.ts';
import type { FoundHandler } from './handler.ts';
import type { HandlerLoad } from './load-handler.ts';
import type { CodeSize } from './load-module.ts';

/**
 * Cached names, and bytes of their modules; the least recently used are evicted. A compiled module takes more memory.
 */
const MAX_NAMES = 5000;
const MAX_BYTES = 512 * 1024 * 1024;
/** Cached names that do not exist: callers who try many names must not evict real handlers. */
const MAX_ABSENT = 1000;

export interface CacheEntry {
  outcome: FoundHandler | ProblemError | undefined;
  /** The owner of a private handler. */
  privateTo: string | undefined;
  /** Size of what only its module has. */
  bytes: number;
  /** Compiled code that others may have too. */
  code: CodeSize | undefined;
  loadedAt: number;
  /** Until then the entry is used at any age, because the database recently failed to answer. */
  staleOkUntil: number;
  usedAt: number;
  loading: Promise<void> | undefined;
  /** Whether it changed while it was being loaded. */
  isStale: boolean;
}

export class HandlerCache {
  readonly #now: () => number;
  readonly #maxBytes: number;
  readonly #entries = new Map<string, CacheEntry>();
  readonly #absent = new Set<string>();
  #bytes = 0;
  /** How many entries have each code, by its digest. */
  readonly #users = new Map<string, number>();

  constructor(now: () => number, maxBytes = MAX_BYTES) {
    this.#now = now;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get names(): Iterable<string> {
    return this.#entries.keys();
  }

  get(name: string): CacheEntry | undefined {
    return this.#entries.get(name);
  }

  /** Returns the entry of a name; a new one without an outcome if there is none. */
  entryOf(name: string): CacheEntry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry: CacheEntry = {
      outcome: undefined,
      privateTo: undefined,
      bytes: 0,
      code: undefined,
      loadedAt: 0,
      staleOkUntil: 0,
      usedAt: this.#now(),
      loading: undefined,
      isStale: false,
    };
    this.#entries.set(name, entry);
    return entry;
  }

  /** Stores the result of loading in an entry, and evicts others if a limit is exceeded. */
  store(name: string, entry: CacheEntry, { outcome, bytes, code, privateTo }: HandlerLoad): void {
    entry.outcome = outcome;
    entry.privateTo = privateTo;
    entry.loadedAt = this.#now();
    // An entry that was evicted while it was loading is not counted.
    const isKept = this.#entries.get(name) === entry;
    const before = { bytes: entry.bytes, code: entry.code };
    entry.bytes = bytes;
    entry.code = code;
    if (isKept) {
      this.#add(entry);
      this.#subtract(before);
    }
    this.#evictAbsent(name, entry);
    this.#evictUnused(entry);
  }

  /** Removes an entry, unless another one has replaced it. */
  remove(name: string, entry: CacheEntry): void {
    if (this.#entries.get(name) === entry) this.#forget(name);
  }

  #evictAbsent(name: string, { outcome }: CacheEntry): void {
    this.#absent.delete(name);
    if (!(outcome instanceof ProblemError)) return;
    this.#absent.add(name);
    const [oldest] = this.#absent;
    if (this.#absent.size > MAX_ABSENT && oldest !== undefined) this.#forget(oldest);
  }

  /** @param latest is never evicted */
  #evictUnused(latest: CacheEntry): void {
    while (this.#entries.size > MAX_NAMES || this.#bytes > this.#maxBytes) {
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
    const entry = this.#entries.get(name);
    if (entry !== undefined) this.#subtract(entry);
    this.#entries.delete(name);
    this.#absent.delete(name);
  }

  #add({ bytes, code }: Pick<CacheEntry, 'bytes' | 'code'>): void {
    this.#bytes += bytes;
    if (code === undefined) return;
    const users = this.#users.get(code.digest) ?? 0;
    this.#users.set(code.digest, users + 1);
    if (users === 0) this.#bytes += code.bytes;
  }

  #subtract({ bytes, code }: Pick<CacheEntry, 'bytes' | 'code'>): void {
    this.#bytes -= bytes;
    if (code === undefined) return;
    const users = (this.#users.get(code.digest) ?? 0) - 1;
    if (users > 0) this.#users.set(code.digest, users);
    else {
      this.#users.delete(code.digest);
      this.#bytes -= code.bytes;
    }
  }
}
