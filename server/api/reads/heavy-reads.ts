/**
 * Limits expensive database reads per user and per process; others wait in line, so that one user's searches cannot
 * take all connections.
 */
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
  readonly begin: () => void;
}

export class HeavyReads {
  readonly #options: HeavyReadsOptions;
  readonly #running = new Map<string, number>();
  readonly #waiting: Waiting[] = [];
  #all = 0;

  constructor(options: HeavyReadsOptions) {
    this.#options = options;
  }

  async run<T>(userId: string, read: () => Promise<T>): Promise<T> {
    await this.#turn(userId);
    try {
      return await read();
    } finally {
      this.#count(userId, -1);
      this.#next();
    }
  }

  #turn(userId: string): Promise<void> {
    const { waiting, waitingPerUser } = this.#options;
    const own = this.#waiting.filter((each) => each.userId === userId).length;
    if (own >= waitingPerUser) {
      throw new ProblemError(
        'too-many-requests',
        `You have ${own} searches that wait for their turn. Wait until one is done.`,
        { headers: { 'retry-after': '5' } },
      );
    }
    if (this.#waiting.length >= waiting) {
      throw new ProblemError(
        'unavailable',
        'Too many searches wait for their turn. Try again in a moment.',
        { headers: { 'retry-after': '5' } },
      );
    }
    return new Promise((resolve) => {
      this.#waiting.push({ userId, begin: resolve });
      this.#next();
    });
  }

  /** The first in line whose user has room. */
  #next(): void {
    const { all, perUser } = this.#options;
    if (this.#all >= all) return;
    const at = this.#waiting.findIndex(({ userId }) => (this.#running.get(userId) ?? 0) < perUser);
    const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (next === undefined) return;
    this.#count(next.userId, 1);
    next.begin();
    this.#next();
  }

  #count(userId: string, change: 1 | -1): void {
    this.#all += change;
    const own = (this.#running.get(userId) ?? 0) + change;
    if (own === 0) this.#running.delete(userId);
    else this.#running.set(userId, own);
  }
}
