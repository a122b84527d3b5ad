/** Rate limits: fixed windows of one minute, counted in this process. */
import { callerOf } from '../caller-address.ts';

export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends, at least 1. */
  readonly resetSeconds: number;
}

const WINDOW_MS = 60_000;
/** Maximum number of subjects; beyond it the oldest are evicted, so that many addresses cannot exhaust memory. */
const MAX_SUBJECTS = 50_000;

export class RateLimiter {
  readonly #clock: () => Date;
  readonly #windows = new Map<string, { endsAt: number; used: number }>();

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  /**
   * Counts one request.
   * @param subject the client, such as `address 192.0.2.1`
   * @param limit the number of requests per minute
   */
  take(subject: string, limit: number): Allowance {
    const now = this.#clock().getTime();
    let window = this.#windows.get(subject);
    if (window === undefined || window.endsAt <= now) {
      window = { endsAt: now + WINDOW_MS, used: 0 };
      this.#windows.delete(subject);
      this.#windows.set(subject, window);
      const [oldest] = this.#windows.keys();
      if (this.#windows.size > MAX_SUBJECTS && oldest !== undefined) this.#windows.delete(oldest);
    }
    window.used += 1;
    return {
      allowed: window.used <= limit,
      limit,
      remaining: Math.max(0, limit - window.used),
      resetSeconds: Math.max(1, Math.ceil((window.endsAt - now) / 1000)),
    };
  }
}

/** The three RateLimit headers of draft-ietf-httpapi-ratelimit-headers. */
export function rateLimitHeaders(allowance: Allowance): Record<string, string> {
  return {
    'ratelimit-limit': String(allowance.limit),
    'ratelimit-remaining': String(allowance.remaining),
    'ratelimit-reset': String(allowance.resetSeconds),
  };
}

/** The subject of requests from an address. */
export function addressSubject(address: string): string {
  return `address ${callerOf(address)}`;
}
