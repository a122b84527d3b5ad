/** Renewed instances that wait for their next guest: bounded in number and in memory, the longest idle going first. */

/** Pages of 64 KiB that their memories have together: 64 MiB. */
const MAX_PAGES = 1024;
/** Each keeps its module's code alive as well. */
const MAX_HOLDERS = 128;

/** What has an instance that it can part with. */
export interface Holder {
  clear(): void;
}

export class Idle<T extends Holder> {
  /** With the pages of each, longest idle first. */
  readonly #pages = new Map<T, number>();
  #sum = 0;

  add(holder: T, pages: number): void {
    this.#pages.set(holder, pages);
    this.#sum += pages;
    for (const oldest of this.#pages.keys()) {
      if (this.#sum <= MAX_PAGES && this.#pages.size <= MAX_HOLDERS) return;
      this.delete(oldest);
      oldest.clear();
    }
  }

  /** It is idle no more. */
  delete(holder: T): void {
    const pages = this.#pages.get(holder);
    if (pages === undefined) return;
    this.#pages.delete(holder);
    this.#sum -= pages;
  }
}
