/**
 * Pools the zeroed memories of ended guests: mapping a new memory costs several times as much as the rest of an
 * instantiation. A memory is reused only for a module that declares exactly the same memory type.
 */
import { PAGE_BYTES } from './host-pages.ts';

/** Zeroing a larger memory takes about as long as mapping a new one. */
const MAX_POOLED_PAGES = 20;
/** Maximum total bytes in the pool. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Maximum number of memories in the pool. Each, even an empty one, reserves 8 GiB of 128 TiB address space. */
const MAX_COUNT = 256;

/** A memory type as a module declares it; sizes in pages. */
export interface MemoryType {
  readonly min: number;
  readonly max?: number;
  readonly is64: boolean;
}

const keyOf = ({ min, max, is64 }: MemoryType): string => `${min} ${max ?? ''} ${is64 ? 64 : 32}`;

/** The pooled memories of one type. */
export interface Shelf {
  /** Returns a zeroed, exclusive memory. Throws RangeError if the engine cannot allocate one. */
  take(): WebAssembly.Memory;
  /** Takes a memory back. Neither a guest nor a view of the host may access it any more. */
  give(memory: WebAssembly.Memory): void;
}

/** A free memory. The most recently returned memory of a type is taken first. */
interface FreeMemory {
  readonly memory: WebAssembly.Memory;
  readonly bytes: number;
  readonly shelf: FreeMemory[];
}

export class MemoryPool {
  readonly #shelves = new Map<string, Shelf>();
  /** Oldest first. */
  readonly #free = new Set<FreeMemory>();
  #bytes = 0;

  /** Total bytes in the pool. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of memories in the pool. */
  get count(): number {
    return this.#free.size;
  }

  shelf(type: MemoryType): Shelf {
    const key = keyOf(type);
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) {
      shelf = this.#makeShelf(type);
      this.#shelves.set(key, shelf);
    }
    return shelf;
  }

  /** Empties the pool, so that the engine can free the memory and address space. */
  clear(): void {
    this.#shrink(0, 0);
  }

  #makeShelf(type: MemoryType): Shelf {
    const free: FreeMemory[] = [];
    const size = type.min * PAGE_BYTES;
    return {
      take: () => {
        const kept = free.pop();
        if (kept === undefined) return this.#create(type);
        this.#free.delete(kept);
        this.#bytes -= kept.bytes;
        return kept.memory;
      },
      give: (memory) => {
        // Pooling an empty memory saves no zeroing, but occupies address space.
        if (type.min > MAX_POOLED_PAGES || type.min === 0) return;
        const bytes = new Uint8Array(memory.buffer);
        // A memory that grew cannot shrink.
        if (bytes.length !== size) return;
        bytes.fill(0);
        const kept = { memory, bytes: size, shelf: free };
        this.#free.add(kept);
        this.#bytes += size;
        free.push(kept);
        if (this.#bytes > MAX_BYTES || this.#free.size > MAX_COUNT) {
          this.#shrink(MAX_BYTES, MAX_COUNT);
        }
      },
    };
  }

  /** Drops the oldest memories, which are most likely of types no longer in use. */
  #shrink(bytes: number, count: number): void {
    for (const kept of this.#free) {
      if (this.#bytes <= bytes && this.#free.size <= count) return;
      this.#free.delete(kept);
      this.#bytes -= kept.bytes;
      // The oldest memory of a type is first on its shelf.
      kept.shelf.shift();
    }
  }

  #create(type: MemoryType): WebAssembly.Memory {
    try {
      return create(type);
    } catch (error) {
      if (this.#free.size === 0) throw error;
      // The engine collects unreferenced memories before it fails an allocation.
      this.clear();
      return create(type);
    }
  }
}

function create({ min, max, is64 }: MemoryType): WebAssembly.Memory {
  if (!is64) {
    return new WebAssembly.Memory({
      initial: min,
      ...(max === undefined ? {} : { maximum: max }),
    });
  }
  // The types of TypeScript's standard library allow numbers only.
  const descriptor: object = {
    address: 'i64',
    initial: BigInt(min),
    ...(max === undefined ? {} : { maximum: BigInt(max) }),
  };
  return Reflect.construct(WebAssembly.Memory, [descriptor]);
}

/** This thread's pool. */
export const sharedPool = new MemoryPool();
