/**
 * Checks versions again that passed an older check. Executors do not run them until then, so versions that are called come
 * first, then active ones.
 */
import type { Logger } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CHECKS_CHANNEL,
  keepCheck,
  nextUnchecked,
  type CheckOutcome,
} from '../../db/handlers/checks.ts';
import type { Database } from '../../db/connection/database.ts';
import { noteModules } from '../../db/handlers/loose-modules.ts';
import { ProblemError } from '../../problems/problems.ts';
import { digestOf, type ObjectStore } from '../../store/store.ts';
import type { Validator } from '../module-check/validator.ts';

export interface RecheckerOptions {
  readonly db: Database;
  readonly store: ObjectStore;
  /** A separate one, so that uploads do not wait for it. */
  readonly validator: Validator;
  readonly log: Logger;
  readonly clock?: () => Date;
}

/** Delay after a failure, such as of the store. */
const RETRY_MS = 5000;
/** The user whose limits of the validator apply. */
const USER = 'rechecker';

export class Rechecker {
  readonly #options: RecheckerOptions;
  readonly #ending = new AbortController();
  #preferred: string | undefined;
  #working: Promise<void> | undefined;
  #unlisten: (() => Promise<void>) | undefined;

  constructor(options: RecheckerOptions) {
    this.#options = options;
  }

  /** Starts. The database must be open. */
  async start(): Promise<void> {
    this.#unlisten = await this.#options.db.listen(CHECKS_CHANNEL, (id) => {
      this.#preferred = id;
      this.#wake();
    });
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#options.validator.close();
    await this.#unlisten?.();
    await this.#working;
  }

  #wake(): void {
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  async #work(): Promise<void> {
    const { db, log } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        const next = await nextUnchecked(db, this.#preferred);
        if (next === undefined) return;
        const outcome = await this.#check(next.digest);
        await keepCheck(db, next.id, outcome, this.#now());
        if ('refusal' in outcome) {
          log.warn(
            { version: next.id, reason: outcome.refusal },
            'a version no longer passes its check',
          );
        }
      } catch (error) {
        if (signal.aborted) return;
        log.error({ err: error }, 'rechecking a version failed; retrying');
        await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  #now(): Date {
    return this.#options.clock?.() ?? new Date();
  }

  async #check(digest: string): Promise<CheckOutcome> {
    const { db, store, validator } = this.#options;
    const bytes = await store.get(digest);
    if (bytes === undefined) return { refusal: 'Its module is no longer in the store.' };
    try {
      const { metered, image } = await validator.checkModule(USER, bytes);
      const parts = image === undefined ? [metered] : [metered, image];
      await noteModules(db, await Promise.all(parts.map(digestOf)), this.#now());
      return {
        meteredDigest: await store.put(metered),
        imageDigest: image === undefined ? null : await store.put(image),
      };
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'module-refused') {
        return { refusal: error.message };
      }
      throw error;
    }
  }
}
