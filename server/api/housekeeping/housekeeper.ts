/**
 * Periodic maintenance: removes expired data, unreferenced modules and administrator rights that the settings no longer
 * grant, and reseals values with the first key. Every API process runs it; a database lock admits one at a time.
 */
import type { Logger } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Queryable } from '../../db/connection/database.ts';
import {
  forgetModule,
  forgetUsedModules,
  takeLooseModule,
} from '../../db/handlers/loose-modules.ts';
import {
  EXPIRING_DATA,
  removePurgedHandlers,
  SHORT_LIVED_DATA,
  takeTurn,
  type ExpiringData,
} from '../../db/runs/retention.ts';
import type { Sealer } from '../../sealer.ts';
import type { ObjectStore } from '../../store/store.ts';
import { demoteOthers } from '../auth/administrators.ts';
import { KeyRing } from '../../auth/keys.ts';
import { reseal } from './reseal.ts';

/** Also how long a module stays unreferenced before it is removed: longer than any upload takes. */
const DAY_MS = 86_400_000;
const ROUND_MS = 3_600_000;
/** Delay at startup and after a failed round: the database may be unreachable. */
const SOON_MS = 10_000;
const STOP_MS = 5000;
/** Pause between batches, so that other statements are not delayed. */
const REST_MS = 20;

export interface HousekeeperOptions {
  readonly db: Database;
  readonly store: ObjectStore;
  readonly sealer: Sealer;
  /** 0 keeps everything forever. */
  readonly keepDays: number;
  /** The value of `ADMINS`. */
  readonly admins: readonly string[];
  readonly log: Logger;
  readonly clock?: () => Date;
  /** Approximate delay before the first round, and after a failed one. */
  readonly soonMs?: number;
}

/** Number of rows removed or resealed, by kind. */
export type Tidied = Readonly<Record<string, number>>;

type Step = readonly [what: string, remove: (tx: Queryable) => Promise<number>];

export class Housekeeper {
  readonly #options: HousekeeperOptions;
  readonly #ending = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(options: HousekeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#done = this.#work();
  }

  /** Waits for the current batch, but not for a database that no longer answers. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.race([this.#done, sleep(STOP_MS, undefined, { ref: false })]);
  }

  async #work(): Promise<void> {
    const { signal } = this.#ending;
    const { log, soonMs = SOON_MS } = this.#options;
    let pauseMs = soonMs;
    while (!signal.aborted) {
      // Jitter, so that processes that start together do not run together.
      const waitMs = pauseMs * (0.5 + Math.random());
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const tidied = await this.round();
        if (Object.keys(tidied).length > 0) log.info({ tidied }, 'tidied up');
        pauseMs = ROUND_MS;
      } catch (error) {
        pauseMs = soonMs;
        log.warn({ err: error }, 'housekeeping failed; retrying');
      }
    }
  }

  /** Does all maintenance that is due, in small batches. Does nothing if another process is doing it. */
  async round(): Promise<Tidied> {
    const { db, sealer, keepDays, admins, log, clock = () => new Date() } = this.#options;
    const now = clock();
    const before = (ms: number): Date => new Date(now.getTime() - ms);
    const tidied: Record<string, number> = {};
    const demoted = await demoteOthers(db, admins);
    if (demoted.length > 0)
      log.warn({ demoted }, 'users lost their administrator rights: ADMINS does not list them');
    // Executors sign callbacks, but may not create keys. A lost key of tokens is replaced.
    for (const kind of ['callbacks', 'tokens'] as const) {
      await new KeyRing(db, sealer, () => now, kind).signer();
    }
    const sealed = await reseal(db, sealer, log);
    if (sealed > 0) tidied['values encrypted again'] = sealed;
    const dayAgo = before(DAY_MS);
    const toStep =
      (end: Date) =>
      ({ what, remove }: ExpiringData): Step => [what, (tx) => remove(tx, end, now)];
    const steps: readonly Step[] = [
      ...(keepDays === 0 ? [] : EXPIRING_DATA).map(toStep(before(keepDays * DAY_MS))),
      ...SHORT_LIVED_DATA.map(toStep(dayAgo)),
      ['rows of handlers', (tx) => removePurgedHandlers(tx, dayAgo)],
      ['notes of modules', (tx) => forgetUsedModules(tx, dayAgo)],
      ['modules', (tx) => this.#removeModule(tx, dayAgo)],
    ];
    for (const [what, step] of steps) {
      for (;;) {
        if (this.#ending.signal.aborted) return tidied;
        const count = await takeTurn(db, step);
        if (count === undefined) return tidied;
        if (count === 0) break;
        tidied[what] = (tidied[what] ?? 0) + count;
        await sleep(REST_MS);
      }
    }
    return tidied;
  }

  /**
   * Removes one module. Its row is locked meanwhile, so a process that stores the same module waits and stores it
   * again.
   */
  async #removeModule(tx: Queryable, before: Date): Promise<number> {
    const digest = await takeLooseModule(tx, before);
    if (digest === undefined) return 0;
    await this.#options.store.remove(digest);
    await forgetModule(tx, digest);
    return 1;
  }
}
