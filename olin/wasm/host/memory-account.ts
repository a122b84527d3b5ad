/** Accounts for the memory of one run: memories, tables, and what the host holds for the guest, within one limit. */
import type { GaugeOptions } from './gauge-options.ts';
import type { GuestMemories } from './guest-memories.ts';
import type { MeterPlan } from '../plan.ts';
import { PAGE_BYTES, pagesOfElements } from './host-pages.ts';

export class MemoryAccount {
  readonly #plan: MeterPlan;
  readonly #memories: GuestMemories;
  readonly #options: GaugeOptions;
  #limit: number;
  #elements: number;
  /** Pages reserved with the host; exceeds the pages in use if the engine refused a growth. */
  #reserved: number;
  /** Bytes that the host holds for the guest, and their peak in whole pages. */
  #held = 0;
  #heldPages = 0;

  constructor(plan: MeterPlan, memories: GuestMemories, options: GaugeOptions) {
    this.#plan = plan;
    this.#memories = memories;
    this.#options = options;
    this.#limit = options.memoryPagesLimit;
    this.#elements = plan.initialElements;
    this.#reserved = plan.initialPages;
  }

  /** Begins the account of another run. @param limit in 64 KiB pages */
  reset(limit: number): void {
    this.#limit = limit;
    this.#elements = this.#plan.initialElements;
    this.#reserved = this.#plan.initialPages;
    this.#held = 0;
    this.#heldPages = 0;
  }

  /** Whether the module's initial memories and tables are within the limit. */
  get fits(): boolean {
    return this.#plan.initialPages <= this.#limit;
  }

  /** Peak in 64 KiB pages: memories and tables never shrink. */
  get peakPages(): number {
    return this.#memories.pages + pagesOfElements(this.#elements) + this.#heldPages;
  }

  /** See {@link Gauge.hold}. */
  hold(bytes: number): boolean {
    const more = Math.floor((this.#held + bytes) / PAGE_BYTES) - this.#heldPages;
    if (more > 0) {
      const pages = this.peakPages + more;
      if (pages > this.#limit || !this.#reserve(pages)) return false;
      this.#heldPages += more;
    }
    this.#held += bytes;
    return true;
  }

  /** Whether a memory (`space` 0) may grow by `wanted` pages, or a table (1) by `wanted` elements. */
  mayGrow(space: number, wanted: number): boolean {
    const isMemory = space === 0;
    const elements = this.#elements + (isMemory ? 0 : wanted);
    const pages =
      this.#memories.pages + (isMemory ? wanted : 0) + pagesOfElements(elements) + this.#heldPages;
    if (pages > this.#limit) {
      this.#options.onLimit('memory');
      return false;
    }
    if (!this.#reserve(pages)) return false;
    this.#elements = elements;
    return true;
  }

  /** Reserves `pages` in total. Pages that the engine then fails to allocate stay reserved and are not requested again. */
  #reserve(pages: number): boolean {
    const more = pages - this.#reserved;
    if (more <= 0) return true;
    if (this.#options.grow?.(more) === false) return false;
    this.#reserved = pages;
    return true;
  }
}
