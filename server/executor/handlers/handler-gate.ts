/**
 * Keeps a private handler from being found out: to whoever is not its owner it is a name that nobody has.
 *
 * Both are answered after the same work: one look at the caller's token, and one question to the database in five
 * seconds. Neither the record nor the module of a private handler is loaded for a stranger.
 */
import type { Database } from '../../db/connection/database.ts';
import { findRunnable } from '../../db/handlers/runnable.ts';
import { absentHandler } from './absent.ts';

/** The user whose token a call has; undefined without one that is good. Rejects if that cannot be found out. */
export type IdentifyCaller = () => Promise<string | undefined>;

/** Names remembered: whoever asks for names without end asks the database, and takes no memory. */
const MAX_NAMES = 1000;
/** What is not there is asked for again after so long, should a notice have been lost. */
const REMEMBER_MS = 5000;

interface Denied {
  readonly at: number;
  /** Undefined if there is no such handler. */
  readonly ownerId: string | undefined;
}

export class HandlerGate {
  readonly #db: Database;
  readonly #now: () => number;
  readonly #denied = new Map<string, Denied>();

  constructor(db: Database, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /** Rejects with a `no-such-handler` problem if there is no such handler, or it is private and not the caller's. */
  async admit(name: string, identify: IdentifyCaller): Promise<void> {
    const userId = await identify();
    const known = this.#denied.get(name);
    if (known !== undefined && this.#now() - known.at <= REMEMBER_MS) {
      if (userId === undefined || userId !== known.ownerId) throw absentHandler();
    }
    const found = await findRunnable(this.#db, name);
    this.#denied.delete(name);
    if (found !== undefined && (!found.isPrivate || found.ownerId === userId)) return;
    this.#denied.set(name, { at: this.#now(), ownerId: found?.ownerId });
    const [oldest] = this.#denied.keys();
    if (this.#denied.size > MAX_NAMES && oldest !== undefined) this.#denied.delete(oldest);
    throw absentHandler();
  }

  /** Called for each change of a handler; with an empty name if any may have changed. */
  forget(name: string): void {
    if (name === '') this.#denied.clear();
    else this.#denied.delete(name);
  }
}
