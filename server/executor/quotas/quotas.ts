/**
 * Enforces the owner's tier: concurrent runs, runs per day, and runs per caller.
 *
 * Concurrent runs are counted in this process, runs per day, of owners and of callers, across all executors
 * (`run-leases.ts`).
 */
import { callerOf, isLocal } from '../../caller-address.ts';
import type { Database } from '../../db/connection/database.ts';
import { PerKeyLimit } from '../../per-key-limit.ts';
import { ProblemError } from '../../problems/problems.ts';
import { Callers, secondsPerRun, type CallerOutcome } from './callers.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import { RunLeases, type LeaseOutcome } from './run-leases.ts';
import { callersDays, ownersDays } from './run-sources.ts';

type Quota = Pick<LoadedHandler, 'ownerId' | 'limits'>;

/** The caller of a handler. */
export interface QuotaCaller {
  readonly address: string;
  /** Evaluated only if the address has used up its share: the owner is bounded only by the day. */
  readonly isOwner: () => Promise<boolean>;
}

/** Call `end` once, when the run is over; call `giveBack` before it if the run did not start. */
export interface RunPermit {
  readonly end: () => void;
  readonly giveBack: () => void;
}

const DAY_MS = 86_400_000;

export class Quotas {
  /** Concurrent runs by owner. */
  readonly #running = new PerKeyLimit();
  readonly #leases: RunLeases | undefined;
  readonly #callerLeases: RunLeases | undefined;
  readonly #callers: Callers;
  readonly #clock: () => number;

  /**
   * Without a database the daily quota is not enforced.
   * @param patienceMs how long a run waits for the database; default 250
   */
  constructor(
    db: Pick<Database, 'query'> | undefined,
    clock: () => number = Date.now,
    patienceMs?: number,
  ) {
    this.#clock = clock;
    this.#leases = db && new RunLeases(ownersDays(db), clock, patienceMs);
    this.#callerLeases = db && new RunLeases(callersDays(db), clock, patienceMs);
    this.#callers = new Callers(clock, this.#callerLeases);
  }

  /**
   * Counts a run that starts now; usually synchronous. Throws, or rejects with, a `quota-reached` or `unavailable`
   * problem.
   */
  take(quota: Quota, caller: QuotaCaller): RunPermit | Promise<RunPermit> {
    const end = this.begin(quota);
    const permit = { end, giveBack: () => this.#leases?.giveBack(quota.ownerId) };
    try {
      const counted = this.charge(quota, caller);
      if (counted === undefined) return permit;
      return counted.then(
        () => permit,
        (error: unknown) => {
          end();
          throw error;
        },
      );
    } catch (error) {
      end();
      throw error;
    }
  }

  /**
   * Charges a run that starts later to the day and the caller; call {@link giveBack} if it never starts. Throws, or
   * rejects with, a `quota-reached` or `unavailable` problem.
   */
  charge(quota: Quota, caller: QuotaCaller): Promise<void> | undefined {
    const { address } = caller;
    if (isLocal(address)) return this.#countToday(quota);
    const { ownerId, limits } = quota;
    const taken = this.#callers.take(ownerId, callerOf(address), limits.callerRunsPerDay);
    if (taken === 'taken') return this.#countToday(quota);
    return this.#countLate(quota, caller, taken);
  }

  /** Charges another attempt of a run that was charged by {@link charge}, and throws as it does. */
  async countRetry(quota: Quota): Promise<void> {
    await this.#countToday(quota);
  }

  giveBack({ ownerId }: Quota): void {
    this.#leases?.giveBack(ownerId);
  }

  /** Counts a charged run as concurrent. Throws a `quota-reached` problem. Returns a function to call when it ends. */
  begin({ ownerId, limits }: Quota): () => void {
    const end = this.#running.enter(ownerId, limits.concurrentRuns);
    if (typeof end === 'function') return end;
    throw reached(
      `The owner has ${this.#running.countOf(ownerId)} active runs; the tier allows ${limits.concurrentRuns}. Try again in a moment.`,
      1,
    );
  }

  /** Returns unused runs of the day to the database. */
  async close(): Promise<void> {
    await Promise.all([this.#leases?.close(), this.#callerLeases?.close()]);
  }

  /**
   * Counts a run if the caller's quota had to be requested from the database, or is used up. The quota does not apply
   * to the owner.
   */
  async #countLate(
    quota: Quota,
    { isOwner }: QuotaCaller,
    pending: CallerOutcome | Promise<CallerOutcome>,
  ): Promise<void> {
    const taken = await pending;
    if (taken !== 'taken' && !(await isOwner())) {
      if (taken === 'away') throw uncountable();
      const { callerRunsPerDay } = quota.limits;
      throw reached(
        `This address has called the owner’s handlers as often as the tier allows one caller: ${callerRunsPerDay / 2} times in a burst, ${callerRunsPerDay} in a day. Try again later, or send the owner’s token.`,
        taken === 'too-fast' ? secondsPerRun(callerRunsPerDay) : this.#secondsOfDay(),
      );
    }
    await this.#countToday(quota);
  }

  #countToday({ ownerId, limits }: Quota): Promise<void> | undefined {
    const taken = this.#leases?.take(ownerId, limits.runsPerDay) ?? 'taken';
    if (taken === 'taken') return undefined;
    if (taken instanceof Promise) return taken.then((late) => this.#check(late, limits.runsPerDay));
    return this.#check(taken, limits.runsPerDay);
  }

  #check(taken: LeaseOutcome, runsPerDay: number): undefined {
    if (taken === 'taken') return undefined;
    if (taken === 'away') throw uncountable();
    throw reached(
      `The owner’s handlers have run ${runsPerDay} times today, which is the maximum of the tier. Try again after midnight, UTC.`,
      this.#secondsOfDay(),
    );
  }

  /** Until midnight. */
  #secondsOfDay(): number {
    return Math.ceil((DAY_MS - (this.#clock() % DAY_MS)) / 1000);
  }
}

function uncountable(): ProblemError {
  return new ProblemError(
    'unavailable',
    'The runs of the day cannot be counted now. Try again in a moment.',
    { headers: { 'retry-after': '2' } },
  );
}

function reached(detail: string, retrySeconds: number): ProblemError {
  return new ProblemError('quota-reached', detail, {
    headers: { 'retry-after': String(retrySeconds) },
  });
}
