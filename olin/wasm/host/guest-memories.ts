/** Allocates, measures and releases the memories of one instance. */
import type { MemoryPool, Shelf } from './memory-pool.ts';
import { PAGE_BYTES } from './host-pages.ts';
import { memoryExport, type MeterPlan } from '../plan.ts';
import { beginWithImage, Renewal, type IsZero } from './renewal.ts';

export class GuestMemories {
  readonly #plan: MeterPlan;
  /** For each memory that the module defined: its import name and its shelf in the pool. */
  readonly #shelves: readonly { readonly name: string; readonly shelf: Shelf }[];
  #own: WebAssembly.Memory[] = [];
  /** Imported memories first. */
  #all: readonly WebAssembly.Memory[] = [];
  readonly #isZero: IsZero | undefined;
  #renewal: Renewal | undefined;

  constructor(plan: MeterPlan, pool: MemoryPool, isZero?: IsZero) {
    this.#plan = plan;
    this.#isZero = isZero;
    this.#shelves = plan.memories.map((type, index) => ({
      name: `memory.${plan.importedMemories + index}`,
      shelf: pool.shelf(type),
    }));
  }

  /** Adds zeroed memories to the imports. Throws RangeError if the engine cannot allocate them. */
  take(imports: Record<string, WebAssembly.ImportValue>): void {
    if (this.#own.length > 0) return;
    for (const { name, shelf } of this.#shelves) {
      const memory = shelf.take();
      this.#own.push(memory);
      imports[name] = memory;
    }
  }

  /** Registers the instance created with these memories, before anything has run in it. */
  attach(instance: WebAssembly.Instance): void {
    const { importedMemories } = this.#plan;
    const imported = Array.from({ length: importedMemories }, (_, index) => {
      const memory = instance.exports[memoryExport(this.#plan, index)];
      if (memory instanceof WebAssembly.Memory) return memory;
      throw new TypeError('the instance is not metered');
    });
    this.#all = importedMemories === 0 ? this.#own : [...imported, ...this.#own];
    const hasFewRuns = this.#plan.begins?.image.hasFewRuns === true;
    if (!hasFewRuns) beginWithImage(this.#plan, instance, this.#own);
    this.#renewal = Renewal.of(this.#plan, instance, this.#own, this.#isZero);
    if (hasFewRuns) beginWithImage(this.#plan, instance, this.#own);
  }

  at(index: number): WebAssembly.Memory | undefined {
    return this.#all[index];
  }

  /** Total size in 64 KiB pages; it never shrinks. */
  get pages(): number {
    let bytes = 0;
    for (const { buffer } of this.#all) bytes += buffer.byteLength;
    return bytes / PAGE_BYTES;
  }

  /** Resets the instance. Returns false if it cannot be reused. */
  renew(): boolean {
    return this.#renewal?.renew() === true;
  }

  /** Returns the memories to the pool. No other reference to them may remain in use. */
  release(imports: Record<string, WebAssembly.ImportValue>): void {
    for (const [index, { name, shelf }] of this.#shelves.entries()) {
      const memory = this.#own[index];
      if (memory !== undefined) shelf.give(memory);
      imports[name] = 0;
    }
    this.#own = [];
    this.#all = [];
    this.#renewal = undefined;
  }
}
