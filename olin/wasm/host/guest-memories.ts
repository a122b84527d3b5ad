/** The memories of one instance: where they come from, how large they are, and where they go. */
import type { MemoryPool, Shelf } from './memory-pool.ts';
import { PAGE_BYTES } from './host-pages.ts';
import { memoryExport, type MeterPlan } from '../plan.ts';
import { Renewal } from './renewal.ts';

export class GuestMemories {
  readonly #plan: MeterPlan;
  /** Where those that the module defined come from, and what it imports each as. */
  readonly #shelves: readonly { readonly name: string; readonly shelf: Shelf }[];
  #own: WebAssembly.Memory[] = [];
  /** Those that the module imports come first. */
  #all: readonly WebAssembly.Memory[] = [];
  #renewal: Renewal | undefined;

  constructor(plan: MeterPlan, pool: MemoryPool) {
    this.#plan = plan;
    this.#shelves = plan.memories.map((type, index) => ({
      name: `memory.${plan.importedMemories + index}`,
      shelf: pool.shelf(type),
    }));
  }

  /** Puts memories full of zeros into what is imported. Throws RangeError where the engine has no room for them. */
  take(given: Record<string, WebAssembly.ImportValue>): void {
    if (this.#own.length > 0) return;
    for (const { name, shelf } of this.#shelves) {
      const memory = shelf.take();
      this.#own.push(memory);
      given[name] = memory;
    }
  }

  /** Takes note of an instance that was made with them, and in which nothing has run yet. */
  attach(instance: WebAssembly.Instance): void {
    const { importedMemories } = this.#plan;
    const imported = Array.from({ length: importedMemories }, (_, index) => {
      const memory = instance.exports[memoryExport(this.#plan, index)];
      if (memory instanceof WebAssembly.Memory) return memory;
      throw new TypeError('the instance is not metered');
    });
    this.#all = importedMemories === 0 ? this.#own : [...imported, ...this.#own];
    this.#renewal = Renewal.of(this.#plan, instance, this.#own);
  }

  at(index: number): WebAssembly.Memory | undefined {
    return this.#all[index];
  }

  /** Of 64 KiB, together; they never shrink. */
  get pages(): number {
    let bytes = 0;
    for (const { buffer } of this.#all) bytes += buffer.byteLength;
    return bytes / PAGE_BYTES;
  }

  /** Makes the instance what it was when it was new. False where it can only be parted with. */
  renew(): boolean {
    return this.#renewal?.renew() === true;
  }

  /** Gives them back, to be zeroed and used again. Nothing may reach them any more. */
  release(given: Record<string, WebAssembly.ImportValue>): void {
    for (const [index, { name, shelf }] of this.#shelves.entries()) {
      const memory = this.#own[index];
      if (memory !== undefined) shelf.give(memory);
      given[name] = 0;
    }
    this.#own = [];
    this.#all = [];
    this.#renewal = undefined;
  }
}
