/**
 * A transaction of a client. The embedded database has one session, so no other client is served during it. It therefore
 * ends by itself if the client is silent for some time, or takes too long in total.
 */
import type { Queryable } from '../connection/database.ts';
import {
  IDLE_IN_TRANSACTION,
  NO_ACTIVE_TRANSACTION,
  RemoteDatabaseError,
  TRANSACTION_TIMEOUT,
} from './errors.ts';

export interface LeaseBounds {
  /** Maximum milliseconds between two statements of a transaction. */
  readonly idleMs: number;
  /** Maximum duration of a transaction, in milliseconds. */
  readonly totalMs: number;
}

/** Thrown by a transaction that its client rolled back. */
export const ROLLED_BACK = new Error('the transaction was rolled back');

export class Lease {
  /** Resolves when the client commits. Rejects if the transaction must be rolled back. */
  readonly ended: Promise<void>;
  readonly #tx: Queryable;
  readonly #bounds: LeaseBounds;
  readonly #end = Promise.withResolvers<void>();
  readonly #totalTimer: NodeJS.Timeout;
  #idleTimer: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isOver = false;

  constructor(tx: Queryable, bounds: LeaseBounds) {
    this.#tx = tx;
    this.#bounds = bounds;
    this.ended = this.#end.promise;
    this.#totalTimer = setTimeout(
      () =>
        this.fail(new RemoteDatabaseError('the transaction took too long', TRANSACTION_TIMEOUT)),
      bounds.totalMs,
    );
    this.#startIdle();
  }

  /** Runs statements in order. Rejects if the transaction has ended. */
  run<T>(statement: (tx: Queryable) => Promise<T>): Promise<T> {
    this.#waiting += 1;
    clearTimeout(this.#idleTimer);
    const done = this.#last.then(() => {
      if (this.#isOver)
        throw new RemoteDatabaseError('the transaction is over', NO_ACTIVE_TRANSACTION);
      return statement(this.#tx);
    });
    this.#last = done
      .catch(() => undefined)
      .then(() => {
        this.#waiting -= 1;
        if (this.#waiting === 0 && !this.#isOver) this.#startIdle();
      });
    return done;
  }

  /** Commits after all earlier statements. */
  commit(): void {
    clearTimeout(this.#idleTimer);
    void this.#last.then(() => this.#finish(this.#end.resolve));
  }

  /** Ends the transaction at once. Waiting statements do not run. */
  fail(error: Error): void {
    this.#finish(() => this.#end.reject(error));
  }

  #startIdle(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(
      () =>
        this.fail(
          new RemoteDatabaseError('the transaction was idle for too long', IDLE_IN_TRANSACTION),
        ),
      this.#bounds.idleMs,
    );
  }

  #finish(settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#totalTimer);
    settle();
  }
}
