/** A queue that is fair by key: keys take turns, and within a key the first to come is the first to go. */
export class Rotation<T> {
  /** Keys in the order of their turns; a Map keeps it. */
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

  /** Whose turn it is, without taking it. */
  peek(): T | undefined {
    const [queue] = this.#queues.values();
    return queue?.[0];
  }

  /** Takes the first item of the key whose turn it is; the key then goes to the end. */
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

  /** Takes an item out of its place; false where it is not there. */
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
