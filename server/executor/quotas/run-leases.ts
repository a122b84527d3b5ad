/**
 * Counts runs per day, of owners or of callers, exactly across all executors: a process leases a block of runs from the
 * database, counts it down locally, and returns what it does not use.
 *
 * While the database is unreachable, a process lends up to a tenth of the day, and reports it when the database is back;
 * this is the only way to exceed the quota. The block of a killed process counts as used.
 */
import type { RunBlock } from '../../db/quotas/run-days.ts';

/** The source of blocks. A key identifies the holder of the quota. */
export interface RunSource {
  /** Returns how many runs were granted. */
  readonly take: (key: string, block: Omit<RunBlock, 'ownerId'>) => Promise<number>;
  readonly giveBack: (key: string, day: string, runs: number) => Promise<void>;
  /** Size of a block as a fraction of the daily quota. */
  readonly blockPart: number;
}

const MAX_BLOCK = 1000;
/** Below this fraction of a block the next one is fetched, so that no run waits for the database. */
const LOW_PART = 1 / 4;
const LENT_PART = 1 / 10;
/** How long a run waits for the database before it is lent; and how long if nothing may be lent. */
const PATIENCE_MS = 250;
const MAX_PATIENCE_MS = 2000;
/** Pause before a failed database is tried again. */
const AWAY_MS = 1000;
/** Retry interval once the day is used up: other processes may return runs. */
const USED_UP_MS = 5000;
/** Idle time after which a block is returned. */
const IDLE_MS = 10_000;
const SWEEP_MS = 5000;
const DAY_MS = 86_400_000;

interface Lease {
  readonly key: string;
  /** Days since 1970, in UTC. */
  readonly dayNumber: number;
  /** The same day as in the database, `2026-01-31`. */
  readonly day: string;
  left: number;
  /** Runs lent while the database was unreachable; `owed` is the part not reported to it yet. */
  lent: number;
  owed: number;
  isAsking: boolean;
  /** Runs waiting for the next block, in order. */
  readonly waiting: Set<(taken: LeaseOutcome) => void>;
  awayUntil: number;
  usedUpUntil: number;
  usedAt: number;
}

export type LeaseOutcome = 'taken' | 'used-up' | 'away';

export class RunLeases {
  readonly #source: RunSource;
  readonly #clock: () => number;
  /** By key. */
  readonly #leases = new Map<string, Lease>();
  readonly #patienceMs: number;
  readonly #timer: NodeJS.Timeout;

  /** @param patienceMs how long a run waits for the database; default 250 */
  constructor(source: RunSource, clock: () => number, patienceMs = PATIENCE_MS) {
    this.#source = source;
    this.#patienceMs = patienceMs;
    this.#clock = clock;
    this.#timer = setInterval(() => void this.#giveIdleBack(IDLE_MS), SWEEP_MS).unref();
  }

  /** Takes one run of the key's day; synchronously if the block has one left. */
  take(key: string, limit: number): LeaseOutcome | Promise<LeaseOutcome> {
    const lease = this.#leaseOf(key);
    const now = this.#clock();
    lease.usedAt = now;
    if (lease.left > 0) {
      lease.left -= 1;
      if (lease.left < this.#blockOf(limit) * LOW_PART && now >= lease.usedUpUntil) {
        this.#ask(lease, limit);
      }
      return 'taken';
    }
    if (now < lease.usedUpUntil) return 'used-up';
    return now < lease.awayUntil ? lend(lease, limit) : this.#wait(lease, limit);
  }

  /** Returns a run that did not start. */
  giveBack(key: string): void {
    this.#leaseOf(key).left += 1;
  }

  /** Returns all blocks. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#giveIdleBack(0);
  }

  /** Waits for the next block, first come, first served. */
  #wait(lease: Lease, limit: number): Promise<LeaseOutcome> {
    return new Promise((resolve) => {
      const settle = (taken: LeaseOutcome): void => {
        clearTimeout(timer);
        lease.waiting.delete(settle);
        resolve(taken);
      };
      let timer = setTimeout(() => {
        const lent = lend(lease, limit);
        if (lent === 'taken') settle(lent);
        else timer = setTimeout(() => settle('away'), MAX_PATIENCE_MS);
      }, this.#patienceMs);
      lease.waiting.add(settle);
      this.#ask(lease, limit);
    });
  }

  /** Requests a block; one request at a time. */
  #ask(lease: Lease, limit: number): void {
    if (lease.isAsking) return;
    lease.isAsking = true;
    void this.#takeBlock(lease, limit).finally(() => {
      lease.isAsking = false;
      if (lease.waiting.size > 0) this.#ask(lease, limit);
    });
  }

  /** Never rejects. */
  async #takeBlock(lease: Lease, limit: number): Promise<void> {
    const { key, day, owed } = lease;
    const wanted = Math.min(MAX_BLOCK, Math.max(this.#blockOf(limit), lease.waiting.size));
    try {
      const granted = await this.#source.take(key, { day, limit, wanted, owed });
      lease.owed -= owed;
      lease.left += granted;
      const isUsedUp = granted < wanted;
      if (isUsedUp) lease.usedUpUntil = this.#clock() + USED_UP_MS;
      for (const settle of lease.waiting) {
        if (lease.left > 0) {
          lease.left -= 1;
          settle('taken');
        } else if (isUsedUp) settle('used-up');
      }
    } catch {
      lease.awayUntil = this.#clock() + AWAY_MS;
      for (const settle of lease.waiting) settle(lend(lease, limit));
    }
  }

  #blockOf(limit: number): number {
    return Math.min(MAX_BLOCK, Math.max(1, Math.ceil(limit * this.#source.blockPart)));
  }

  #leaseOf(key: string): Lease {
    const now = this.#clock();
    const dayNumber = Math.floor(now / DAY_MS);
    const known = this.#leases.get(key);
    if (known?.dayNumber === dayNumber) return known;
    const lease: Lease = {
      key,
      dayNumber,
      day: new Date(now).toISOString().slice(0, 10),
      left: 0,
      lent: 0,
      owed: 0,
      isAsking: false,
      waiting: new Set(),
      awayUntil: 0,
      usedUpUntil: 0,
      usedAt: now,
    };
    this.#leases.set(key, lease);
    return lease;
  }

  async #giveIdleBack(idleMs: number): Promise<void> {
    const now = this.#clock();
    const idle = Array.from(this.#leases.values()).filter(
      ({ usedAt, isAsking }) => !isAsking && now - usedAt >= idleMs,
    );
    await Promise.all(idle.map((lease) => this.#settle(lease)));
  }

  /** Returns a lease's unused runs and reports owed ones. */
  async #settle(lease: Lease): Promise<void> {
    const { key, day, left, owed } = lease;
    lease.left = 0;
    try {
      if (owed > 0) {
        await this.#source.take(key, { day, limit: 0, wanted: 0, owed });
        lease.owed -= owed;
      }
      if (left > 0) await this.#source.giveBack(key, day, left);
    } catch {
      lease.left += left;
      return;
    }
    // The lent count is kept until the end of the day, so that it is not lent again.
    const isSettled = lease.left === 0 && lease.owed === 0 && lease.lent === 0;
    if (isSettled && this.#leases.get(key) === lease) this.#leases.delete(key);
  }
}

function lend(lease: Lease, limit: number): LeaseOutcome {
  if (lease.lent >= Math.ceil(limit * LENT_PART)) return 'away';
  lease.lent += 1;
  lease.owed += 1;
  return 'taken';
}
