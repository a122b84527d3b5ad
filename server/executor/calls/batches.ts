/**
 * Joins work of concurrent calls: what arrives while a batch is under way forms the next one. An item that arrives alone
 * does not wait, and a busy process sends few large statements.
 */
import { isRefusal } from '../journal/refusal.ts';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_ITEMS = 100;

export class Batches<Item, Result> {
  readonly #work: (items: readonly Item[]) => Promise<readonly Result[]>;
  #waiting: Waiting<Item, Result>[] = [];
  #done: Promise<void> | undefined;

  /** @param work returns a result for each item, in order */
  constructor(work: (items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#work = work;
  }

  /** Rejects if the batch fails, except that an item is not refused for what another one contains. */
  add(item: Item): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ item, resolve, reject });
    this.#done ??= this.#workOn();
    return promise;
  }

  /** Resolves when nothing waits and no batch is under way. */
  async idle(): Promise<void> {
    await this.#done;
  }

  async #workOn(): Promise<void> {
    // Whatever else this turn of the event loop adds joins the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#settle(this.#waiting.splice(0, MAX_ITEMS));
    this.#done = undefined;
  }

  async #settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#work(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new Error('a batch has a result for each item');
      for (const [at, result] of results.entries()) batch[at]?.resolve(result);
    } catch (error) {
      if (batch.length > 1 && isRefusal(error)) {
        for (const each of batch) await this.#settle([each]);
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
