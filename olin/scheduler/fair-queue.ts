/** A queue that is fair by owner, then by the owner's handlers: owners take turns, and so do the handlers of each. */
import { Rotation } from './rotation.ts';

export class FairQueue<T> {
  /** Owners in the order of their turns; a Map keeps it. None is empty. */
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

  /** Each owner, in the order of their turns, with the item that is next of theirs. */
  *heads(): Generator<readonly [owner: string, item: T]> {
    for (const [owner, items] of this.#owners) {
      const item = items.peek();
      if (item !== undefined) yield [owner, item];
    }
  }

  /** Takes the item whose turn it is. */
  take(): T | undefined {
    const [owner] = this.#owners.keys();
    return owner === undefined ? undefined : this.takeFrom(owner);
  }

  /** Takes the owner's next item; the owner then goes to the end. */
  takeFrom(owner: string): T | undefined {
    const items = this.#owners.get(owner);
    if (items === undefined) return undefined;
    const item = items.take();
    this.#owners.delete(owner);
    if (items.size > 0) this.#owners.set(owner, items);
    this.#size--;
    return item;
  }

  /** Takes an item out of its place; false if it is not there. */
  remove(owner: string, handler: string, item: T): boolean {
    const items = this.#owners.get(owner);
    if (items === undefined || !items.remove(handler, item)) return false;
    if (items.size === 0) this.#owners.delete(owner);
    this.#size--;
    return true;
  }
}
