/**
 * Limits how much of an owner's daily quota one caller may use, so that one caller with many connections cannot use it up
 * for everyone else: a token bucket per owner and address in this process, and a part of the day across all executors.
 *
 * The first runs of a caller in this process are not counted across executors, so that a flood of addresses costs the
 * database nothing. So with n executors a caller may exceed its daily quota by n hundredths.
 */
import type { LeaseOutcome, RunLeases } from './run-leases.ts';

/** Number of buckets; the least recently used are evicted, and start full again. */
const MAX_BUCKETS = 50_000;
const DAY_MS = 86_400_000;
/** Runs of a caller in this process and day that are not counted across executors, as a part of the caller's day. */
const UNCOUNTED_PART = 1 / 100;

interface Bucket {
  runs: number;
  filledAt: number;
  /** Runs of the day, which is a number of days since 1970. */
  day: number;
  today: number;
}

/** `too-fast`: the bucket is empty; the others are of the day across all executors. */
export type CallerOutcome = LeaseOutcome | 'too-fast';

export class Callers {
  readonly #clock: () => number;
  readonly #leases: Pick<RunLeases, 'take'> | undefined;
  readonly #maxBuckets: number;
  /** In order of last use. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param leases undefined: runs are counted in this process only */
  constructor(clock: () => number, leases?: Pick<RunLeases, 'take'>, maxBuckets = MAX_BUCKETS) {
    this.#clock = clock;
    this.#leases = leases;
    this.#maxBuckets = maxBuckets;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Takes one run from a caller's bucket, which holds half of `runsPerDay` and refills at that amount per day, and from
   * the caller's day. Usually synchronous.
   * @param caller as returned by {@link callerOf}
   */
  take(
    ownerId: string,
    caller: string,
    runsPerDay: number,
  ): CallerOutcome | Promise<CallerOutcome> {
    const key = callerKey(ownerId, caller);
    const bucket = this.#fill(key, runsPerDay / 2);
    if (bucket.runs < 1) return 'too-fast';
    bucket.runs -= 1;
    bucket.today += 1;
    if (this.#leases === undefined || bucket.today <= runsPerDay * UNCOUNTED_PART) return 'taken';
    return this.#leases.take(key, runsPerDay);
  }

  #fill(key: string, most: number): Bucket {
    const now = this.#clock();
    const day = Math.floor(now / DAY_MS);
    const known = this.#buckets.get(key);
    const bucket = known ?? { runs: most, filledAt: now, day, today: 0 };
    const elapsed = Math.max(0, now - bucket.filledAt);
    bucket.runs = Math.min(most, bucket.runs + (elapsed * most) / DAY_MS);
    bucket.filledAt = now;
    if (bucket.day !== day) bucket.today = 0;
    bucket.day = day;
    if (known !== undefined) this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#maxBuckets && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}

const SEPARATOR = ' ';

function callerKey(ownerId: string, caller: string): string {
  return ownerId + SEPARATOR + caller;
}

/** Splits a key of a lease of {@link Callers} into its parts. */
export function readCallerKey(key: string): { readonly ownerId: string; readonly caller: string } {
  const at = key.indexOf(SEPARATOR);
  return { ownerId: key.slice(0, at), caller: key.slice(at + SEPARATOR.length) };
}

/** Seconds until an empty bucket holds one run. */
export function secondsPerRun(runsPerDay: number): number {
  return Math.ceil(DAY_MS / 1000 / (runsPerDay / 2));
}
