/** A queue that is fair by key: keys take turns; each key is first in, first out. */
export class Rotation<T> {
  /** Keys in turn order, which a Map preserves. */
  readonly #queues = new Map<string, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(key: string, item: T): void {
    const queue = this.#queues.get(key);
    if (queue === undefined) this.#queues.set(key, [item]);
    else queue.push(item);
    this.#size++;
  }

  /** Returns the next item without removing it. */
  peek(): T | undefined {
    const [queue] = this.#queues.values();
    return queue?.[0];
  }

  /** Removes and returns the next item; its key moves to the end. */
  take(): T | undefined {
    const [entry] = this.#queues;
    if (entry === undefined) return undefined;
    const [key, queue] = entry;
    const item = queue.shift();
    this.#queues.delete(key);
    if (queue.length > 0) this.#queues.set(key, queue);
    this.#size--;
    return item;
  }

  /** Removes an item; returns false if it is not queued. */
  remove(key: string, item: T): boolean {
    const queue = this.#queues.get(key);
    const at = queue?.indexOf(item) ?? -1;
    if (queue === undefined || at < 0) return false;
    queue.splice(at, 1);
    if (queue.length === 0) this.#queues.delete(key);
    this.#size--;
    return true;
  }
}
