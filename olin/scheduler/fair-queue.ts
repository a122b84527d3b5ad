/** A queue that is fair by owner, then by handler: owners take turns, and so do the handlers of each owner. */
import { Rotation } from './rotation.ts';

export class FairQueue<T> {
  /** Owners in turn order, which a Map preserves. No queue is empty. */
  readonly #owners = new Map<string, Rotation<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(owner: string, handler: string, item: T): void {
    let items = this.#owners.get(owner);
    if (items === undefined) {
      items = new Rotation();
      this.#owners.set(owner, items);
    }
    items.add(handler, item);
    this.#size++;
  }

  /** Iterates over the owners in turn order, each with its next item. */
  *heads(): Generator<readonly [owner: string, item: T]> {
    for (const [owner, items] of this.#owners) {
      const item = items.peek();
      if (item !== undefined) yield [owner, item];
    }
  }

  /** Removes and returns the next item. */
  take(): T | undefined {
    const [owner] = this.#owners.keys();
    return owner === undefined ? undefined : this.takeFrom(owner);
  }

  /** Removes and returns the owner's next item; the owner moves to the end. */
  takeFrom(owner: string): T | undefined {
    const items = this.#owners.get(owner);
    if (items === undefined) return undefined;
    const item = items.take();
    this.#owners.delete(owner);
    if (items.size > 0) this.#owners.set(owner, items);
    this.#size--;
    return item;
  }

  /** Removes an item; returns false if it is not queued. */
  remove(owner: string, handler: string, item: T): boolean {
    const items = this.#owners.get(owner);
    if (items === undefined || !items.remove(handler, item)) return false;
    if (items.size === 0) this.#owners.delete(owner);
    this.#size--;
    return true;
  }
}
