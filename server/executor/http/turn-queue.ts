/**
 * Collects what arrives in one turn of the event loop, and starts it together once the sockets are read. Guests then run
 * one after another with their code in the processor's caches, and their runs are listed by one write.
 */
export class TurnQueue<T> {
  readonly #start: (item: T) => void;
  #waiting: T[] = [];

  /** @param start must not throw */
  constructor(start: (item: T) => void) {
    this.#start = start;
  }

  add(item: T): void {
    if (this.#waiting.push(item) === 1) setImmediate(this.#startAll);
  }

  readonly #startAll = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const item of waiting) this.#start(item);
  };
}
