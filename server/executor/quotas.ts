/**
 * What an owner's tier allows: runs at one time and in a day.
 *
 * Runs at one time are counted in this process. Those of the day are what the database has of all executors, plus what
 * this process ran since it was asked: an owner may pass the number by what others ran within the last seconds.
 */
import type { Database } from '../db/database.ts';
import { countRunsToday } from '../db/usage-today.ts';
import { ProblemError } from '../problems.ts';
import type { Handler } from './handler.ts';

type Quota = Pick<Handler, 'ownerId' | 'limits'>;

/** Milliseconds after which the database is asked again. */
const REFRESH_MS = 5000;
/** Owners that nobody called for so long are forgotten. */
const IDLE_MS = 3_600_000;
const FORGET_MS = 60_000;
const DAY_MS = 86_400_000;

interface Use {
  running: number;
  day: number;
  /** Of the day, as the database had it. */
  known: number;
  /** Of the day, by this process, not known to be in the database. */
  own: number;
  askedAt: number;
  usedAt: number;
}

export class Quotas {
  readonly #uses = new Map<string, Use>();
  readonly #db: Pick<Database, 'query'> | undefined;
  readonly #clock: () => number;
  #forgotAt = -Infinity;

  /** Without a database only this process's runs count. */
  constructor(db: Pick<Database, 'query'> | undefined, clock: () => number = Date.now) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Counts a run that begins. Throws a `quota-reached` problem. Returns what is to be called at its end. */
  take(quota: Quota): () => void {
    const use = this.#useOf(quota.ownerId);
    // Nothing is counted unless both are granted.
    const end = begin(use, quota);
    try {
      this.#countToday(use, quota);
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  /** Counts a run for the day that is to begin later. Throws a `quota-reached` problem. */
  promise(quota: Quota): void {
    this.#countToday(this.#useOf(quota.ownerId), quota);
  }

  /** Counts a run that begins and was promised. Throws a `quota-reached` problem. Returns what is to be called at its end. */
  begin(quota: Quota): () => void {
    return begin(this.#useOf(quota.ownerId), quota);
  }

  #countToday(use: Use, { limits }: Quota): void {
    if (use.known + use.own >= limits.runsPerDay) {
      throw reached(
        `The owner’s handlers have run ${limits.runsPerDay} times today, as the tier allows. Try again after midnight, UTC.`,
        Math.ceil((DAY_MS - (this.#clock() % DAY_MS)) / 1000),
      );
    }
    use.own += 1;
  }

  #useOf(ownerId: string): Use {
    const now = this.#clock();
    const day = Math.floor(now / DAY_MS);
    let use = this.#uses.get(ownerId);
    if (use === undefined) {
      use = { running: 0, day, known: 0, own: 0, askedAt: -Infinity, usedAt: now };
      this.#uses.set(ownerId, use);
    }
    use.usedAt = now;
    if (use.day !== day) {
      use.day = day;
      use.known = 0;
      use.own = 0;
    }
    if (now - use.askedAt > REFRESH_MS) {
      use.askedAt = now;
      void this.#ask(ownerId, use);
      this.#forget(now);
    }
    return use;
  }

  async #ask(ownerId: string, use: Use): Promise<void> {
    if (this.#db === undefined) return;
    const before = use.own;
    try {
      use.known = Math.max(await countRunsToday(this.#db, ownerId), use.known);
      // Those from before are in the database by now, or will be counted at the next asking.
      use.own -= before;
    } catch {
      // The database is away: what is known stands.
    }
  }

  #forget(now: number): void {
    if (now - this.#forgotAt < FORGET_MS) return;
    this.#forgotAt = now;
    for (const [ownerId, use] of this.#uses) {
      if (use.running === 0 && now - use.usedAt > IDLE_MS) this.#uses.delete(ownerId);
    }
  }
}

function begin(use: Use, { limits }: Quota): () => void {
  if (use.running >= limits.concurrentRuns) {
    throw reached(
      `The owner has ${use.running} runs under way; the tier allows ${limits.concurrentRuns} at one time. Try again in a moment.`,
      1,
    );
  }
  use.running += 1;
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    use.running -= 1;
  };
}

function reached(detail: string, retrySeconds: number): ProblemError {
  return new ProblemError('quota-reached', detail, {
    headers: { 'retry-after': String(retrySeconds) },
  });
}
