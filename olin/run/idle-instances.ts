/** Idle instances waiting for their next guest, limited in number and memory. The longest idle is dropped first. */

/** Maximum total memory in 64 KiB pages: 64 MiB. */
const MAX_PAGES = 1024;
/** Maximum number of instances; each also keeps its module's code alive. */
const MAX_HOLDERS = 128;

/** An owner of an instance. `clear` drops the instance. */
export interface Holder {
  clear(): void;
}

export class Idle<T extends Holder> {
  /** Pages by holder, longest idle first. */
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

  /** Removes a holder that is no longer idle. */
  delete(holder: T): void {
    const pages = this.#pages.get(holder);
    if (pages === undefined) return;
    this.#pages.delete(holder);
    this.#sum -= pages;
  }
}
