/**
 * Limits expensive database reads per user and per process; others wait in line, so that one user's searches cannot
 * take all connections.
 */
import { PerKeyLimit } from '../../per-key-limit.ts';
import { ProblemError } from '../../problems/problems.ts';

export interface HeavyReadsOptions {
  /** Concurrent reads per user and in total. */
  readonly perUser: number;
  readonly all: number;
  /** Waiting reads per user and in total. */
  readonly waitingPerUser: number;
  readonly waiting: number;
}

interface Waiting {
  readonly userId: string;
  /** Given the function to call when the read is over. */
  readonly begin: (end: () => void) => void;
}

export class HeavyReads {
  readonly #options: HeavyReadsOptions;
  readonly #running = new PerKeyLimit();
  readonly #waiting: Waiting[] = [];

  constructor(options: HeavyReadsOptions) {
    this.#options = options;
  }

  async run<T>(userId: string, read: () => Promise<T>): Promise<T> {
    const end = await this.#turn(userId);
    try {
      return await read();
    } finally {
      end();
      this.#next();
    }
  }

  #turn(userId: string): Promise<() => void> {
    const { waiting, waitingPerUser } = this.#options;
    const own = this.#waiting.filter((each) => each.userId === userId).length;
    if (own >= waitingPerUser) {
      throw new ProblemError(
        'too-many-requests',
        `You have ${own} waiting searches. Wait until one is done.`,
        { headers: { 'retry-after': '5' } },
      );
    }
    if (this.#waiting.length >= waiting) {
      throw new ProblemError(
        'unavailable',
        'Too many searches are waiting. Try again in a moment.',
        { headers: { 'retry-after': '5' } },
      );
    }
    return new Promise((resolve) => {
      this.#waiting.push({ userId, begin: resolve });
      this.#next();
    });
  }

  /** Starts the first waiting read whose user is below the limit. */
  #next(): void {
    const { all, perUser } = this.#options;
    for (const [at, { userId, begin }] of this.#waiting.entries()) {
      const end = this.#running.enter(userId, perUser, all);
      if (end === 'total-limit') return;
      if (end === 'key-limit') continue;
      this.#waiting.splice(at, 1);
      begin(end);
      return this.#next();
    }
  }
}
