/** Limits concurrent operations per key, such as a user or an owner, and in total. */
export class PerKeyLimit {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** Number of operations in progress for all keys. */
  get total(): number {
    return this.#total;
  }

  /** Number of operations in progress for a key. */
  countOf(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /**
   * Counts one more for the key. Returns a function to call when it ends, of which only the first call has an effect;
   * or the limit that is reached, in which case nothing is counted.
   */
  enter(key: string, perKey: number, total = Infinity): (() => void) | 'key-limit' | 'total-limit' {
    const count = this.countOf(key);
    if (count >= perKey) return 'key-limit';
    if (this.#total >= total) return 'total-limit';
    this.#counts.set(key, count + 1);
    this.#total += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#total -= 1;
      const left = this.countOf(key) - 1;
      // Keys come from outside, so only those with operations in progress may take memory.
      if (left === 0) this.#counts.delete(key);
      else this.#counts.set(key, left);
    };
  }
}
