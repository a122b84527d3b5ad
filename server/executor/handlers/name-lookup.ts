/**
 * Looks up the owners of handler names, many names in one statement, with a pause between statements that limits the
 * cost of a flood of names.
 */
import type { Database } from '../../db/connection/database.ts';
import { findNames, type HandlerName } from '../../db/handlers/handler-names.ts';
import { ProblemError } from '../../problems/problems.ts';

/** From the start of a statement to the start of the next: no more than 20 a second in this process. */
const PAUSE_MS = 50;
/** Names of one statement. */
const MAX_BATCH = 1000;
const MAX_WAITING = 10_000;

type Found = HandlerName | undefined;

export class NameLookup {
  readonly #db: Pick<Database, 'query'>;
  readonly #pauseMs: number;
  readonly #waiting = new Map<string, PromiseWithResolvers<Found>>();
  #isAsking = false;
  #askedAt = -Infinity;

  constructor(db: Pick<Database, 'query'>, pauseMs = PAUSE_MS) {
    this.#db = db;
    this.#pauseMs = pauseMs;
  }

  /**
   * Resolves with what the database has after this call, so that a new handler is found at once; undefined if there is no
   * such handler. Rejects with an `unavailable` problem if too many names wait.
   */
  find(name: string): Promise<Found> {
    const known = this.#waiting.get(name);
    if (known !== undefined) return known.promise;
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(
        new ProblemError(
          'unavailable',
          'Too many handlers are being looked up. Try again in a moment.',
          {
            headers: { 'retry-after': '1' },
          },
        ),
      );
    }
    const waiting = Promise.withResolvers<Found>();
    this.#waiting.set(name, waiting);
    if (!this.#isAsking) void this.#ask();
    return waiting.promise;
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    while (this.#waiting.size > 0) {
      const pause = this.#askedAt + this.#pauseMs - performance.now();
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause).unref());
      this.#askedAt = performance.now();
      const batch = [...this.#waiting.entries()].slice(0, MAX_BATCH);
      for (const [name] of batch) this.#waiting.delete(name);
      try {
        const found = await findNames(
          this.#db,
          batch.map(([name]) => name),
        );
        const byName = new Map(found.map((each) => [each.name, each]));
        for (const [name, { resolve }] of batch) resolve(byName.get(name));
      } catch (error) {
        for (const [, { reject }] of batch) reject(error);
      }
    }
    this.#isAsking = false;
  }
}
