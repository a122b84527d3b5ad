/**
 * How much of an owner's day one caller may use: a token bucket for each owner and address, so that a stranger with many
 * connections does not use up the day for everybody else.
 */
import { isIPv6 } from 'node:net';

/** Buckets kept; the longest unused are forgotten first, and begin full again. */
const MAX_BUCKETS = 50_000;
/** What is no address is not kept whole. */
const MAX_ADDRESS_CHARACTERS = 64;
const DAY_MS = 86_400_000;

interface Bucket {
  runs: number;
  filledAt: number;
}

export class Callers {
  readonly #clock: () => number;
  readonly #maxBuckets: number;
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: () => number, maxBuckets = MAX_BUCKETS) {
    this.#clock = clock;
    this.#maxBuckets = maxBuckets;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Takes one run of those that a caller may have of an owner: half of `runsPerDay` at a stretch, and as many again over
   * a day. False if there is none.
   * @param caller as {@link callerOf} gives it
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

/** Seconds until a caller who has none left may have one run more. */
export function secondsPerRun(runsPerDay: number): number {
  return Math.ceil(DAY_MS / 1000 / (runsPerDay / 2));
}

/** Whether a caller is on this machine: at home, or the operator's own. */
export function isLocal(address: string): boolean {
  return /^(?:::ffff:)?127\.|^::1$/i.test(address);
}

/** Who calls from an address. Of IPv6 it is the first 64 bits: whoever has one address of them has all. */
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
