/**
 * Hides private handlers: for anyone but the owner they are indistinguishable from names that do not exist.
 *
 * Both cases do the same work: one token check, and one lookup per five seconds, which many names share
 * (`name-lookup.ts`). Neither the record nor the module of a private handler is loaded for other callers.
 */
import type { Database } from '../../db/connection/database.ts';
import { absentHandler } from './absent.ts';
import { NameLookup } from './name-lookup.ts';

/** Returns the user id of the call's token; undefined without a valid token. Rejects if it cannot be checked. */
export type IdentifyCaller = () => Promise<string | undefined>;

/** Cached names; a caller who tries many names uses no more memory. */
const MAX_NAMES = 1000;
/** Lifetime of a negative entry, in case a notification was lost. */
const REMEMBER_MS = 5000;

interface Denied {
  readonly at: number;
  /** Undefined if there is no such handler. */
  readonly ownerId: string | undefined;
}

export class HandlerGate {
  readonly #names: NameLookup;
  readonly #now: () => number;
  readonly #denied = new Map<string, Denied>();

  constructor(db: Pick<Database, 'query'>, now: () => number) {
    this.#names = new NameLookup(db);
    this.#now = now;
  }

  /** Rejects with a `no-such-handler` problem if there is no such handler, or it is private and not the caller's. */
  async admit(name: string, identify: IdentifyCaller): Promise<void> {
    const userId = await identify();
    const known = this.#denied.get(name);
    if (known !== undefined && this.#now() - known.at <= REMEMBER_MS) {
      if (userId === undefined || userId !== known.ownerId) throw absentHandler();
    }
    const found = await this.#names.find(name);
    this.#denied.delete(name);
    if (found !== undefined && (!found.isPrivate || found.ownerId === userId)) return;
    this.#denied.set(name, { at: this.#now(), ownerId: found?.ownerId });
    const [oldest] = this.#denied.keys();
    if (this.#denied.size > MAX_NAMES && oldest !== undefined) this.#denied.delete(oldest);
    throw absentHandler();
  }

  /** Called for each change of a handler; an empty name means that any may have changed. */
  forget(name: string): void {
    if (name === '') this.#denied.clear();
    else this.#denied.delete(name);
  }
}
