/**
 * Limits how much of an owner's daily quota one caller may use: a token bucket per owner and address, so that one
 * caller with many connections cannot use it up for everyone else.
 */
import { isIPv6 } from 'node:net';

/** Number of buckets; the least recently used are evicted, and start full again. */
const MAX_BUCKETS = 50_000;
/** Longer text is not an address, and is truncated. */
const MAX_ADDRESS_CHARACTERS = 64;
const DAY_MS = 86_400_000;

interface Bucket {
  runs: number;
  filledAt: number;
}

export class Callers {
  readonly #clock: () => number;
  readonly #maxBuckets: number;
  /** In order of last use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: () => number, maxBuckets = MAX_BUCKETS) {
    this.#clock = clock;
    this.#maxBuckets = maxBuckets;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Takes one run from a caller's bucket, which holds half of `runsPerDay` and refills at that amount per day. Returns
   * false if it is empty.
   * @param caller as returned by {@link callerOf}
   */
  take(ownerId: string, caller: string, runsPerDay: number): boolean {
    const key = `${ownerId} ${caller}`;
    const now = this.#clock();
    const most = runsPerDay / 2;
    const known = this.#buckets.get(key);
    const bucket = known ?? { runs: most, filledAt: now };
    bucket.runs = Math.min(
      most,
      bucket.runs + (Math.max(0, now - bucket.filledAt) * most) / DAY_MS,
    );
    bucket.filledAt = now;
    if (known !== undefined) this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#maxBuckets && oldest !== undefined) this.#buckets.delete(oldest);
    if (bucket.runs < 1) return false;
    bucket.runs -= 1;
    return true;
  }
}

/** Seconds until an empty bucket holds one run. */
export function secondsPerRun(runsPerDay: number): number {
  return Math.ceil(DAY_MS / 1000 / (runsPerDay / 2));
}

/** Whether a caller is on this machine. */
export function isLocal(address: string): boolean {
  return /^(?:::ffff:)?127\.|^::1$/i.test(address);
}

/** Identifies a caller by address. For IPv6 it is the /64 prefix, since its holder controls all addresses in it. */
export function callerOf(address: string): string {
  const text = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(text)) return text.slice(0, MAX_ADDRESS_CHARACTERS);
  const [before = '', after] = text.split('::');
  const groups = before === '' ? [] : before.split(':');
  if (after !== undefined) {
    const tail = after === '' ? [] : after.split(':');
    while (groups.length + tail.length < 8) groups.push('0');
  }
  const net = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${net.join(':')}::/64`;
}
