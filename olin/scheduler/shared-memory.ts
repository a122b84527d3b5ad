/**
 * The memory of all guests in one process, and how much of it an owner may hold.
 *
 * An owner may hold as much as remains free: half if alone, a third beside another owner at its maximum, and 1/(n + 1)
 * in general. So there is always room for the next owner, however long the others sleep. The first guest of an owner is
 * exempt, because a large one could otherwise never run.
 *
 * Exempt guests fit into the main part, which is seven eighths. The reserve is the rest. Only guests within their
 * owner's share may use it, so many owners with one large guest each leave room for owners with small ones, even while
 * a large guest waits for memory. A guest that runs alone may use both parts.
 */

export type Part = 'main' | 'reserve';

/** What the guests of one owner hold, in both parts. */
export interface Held {
  pages: number;
  running: number;
}

const RESERVE = 1 / 8;

export class SharedMemory {
  readonly #pages: number;
  readonly #reservePages: number;
  readonly #used: Record<Part, number> = { main: 0, reserve: 0 };
  #running = 0;
  /** Pages of a waiting guest that has the next claim to the main part; 0 if there is none. */
  claimedPages = 0;

  /** @param pages of 64 KiB */
  constructor(pages: number) {
    this.#pages = pages;
    this.#reservePages = Math.floor(pages * RESERVE);
  }

  get pages(): number {
    return this.#pages;
  }

  get usedPages(): number {
    return this.#used.main + this.#used.reserve;
  }

  /** Running guests. */
  get running(): number {
    return this.#running;
  }

  /**
   * Returns the part that has room for one more guest; undefined if it has to wait. @param held undefined if nothing
   */
  findPart(held: Held | undefined, pages: number): Part | undefined {
    const own = held ?? { pages: 0, running: 0 };
    const isAlone = this.#running === 0;
    const isExempt = own.running === 0;
    if (this.claimedPages === 0 && this.#fitsMain(own, pages, { isAlone, isExempt })) return 'main';
    // A guest too large for the main part runs alone, so it has a claim to the reserve too.
    const isReserveOpen = this.claimedPages <= this.#pages - this.#reservePages;
    return isReserveOpen && this.#fitsReserve(own, pages) ? 'reserve' : undefined;
  }

  begin(part: Part, held: Held, pages: number): void {
    this.#running++;
    held.running++;
    this.#add(part, held, pages);
  }

  /** Returns false, and changes nothing, if the part or the owner's share has no room. */
  grow(part: Part, held: Held, more: number): boolean {
    const isAlone = this.#running === 1;
    const isExempt = held.running === 1;
    const fits =
      part === 'main'
        ? this.#fitsMain(held, more, { isAlone, isExempt })
        : this.#fitsReserve(held, more);
    if (fits) this.#add(part, held, more);
    return fits;
  }

  end(part: Part, held: Held, pages: number): void {
    this.#running--;
    held.running--;
    this.#add(part, held, -pages);
  }

  #fitsMain(
    held: Held,
    more: number,
    { isAlone, isExempt }: { readonly isAlone: boolean; readonly isExempt: boolean },
  ): boolean {
    const free = this.#pages - this.usedPages - more;
    const reserved = isAlone ? 0 : this.#reservePages - this.#used.reserve;
    return free >= reserved && (isExempt || held.pages + more <= free);
  }

  #fitsReserve(held: Held, more: number): boolean {
    const free = Math.min(
      this.#pages - this.usedPages - more,
      this.#reservePages - this.#used.reserve - more,
    );
    return held.pages + more <= free;
  }

  #add(part: Part, held: Held, pages: number): void {
    this.#used[part] += pages;
    held.pages += pages;
  }
}
