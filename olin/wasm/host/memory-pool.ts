/**
 * Memories that ended guests left, zeroed, for the next ones: mapping a new memory costs several times what all the rest
 * of an instance does. A memory is only given to a module that declares exactly what it is.
 */
import { PAGE_BYTES } from './host-pages.ts';

/** A larger memory takes about as long to zero as a new one takes to map. */
export const LARGEST_PAGES = 20;
/** Bytes kept in all. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** Memories kept in all. Each, even one without pages, reserves 8 GiB of addresses, of which there are 128 TiB. */
const KEPT_COUNT = 256;

/** What a module declares of a memory, in pages. */
export interface MemoryType {
  readonly min: number;
  readonly max?: number;
  readonly is64: boolean;
}

const keyOf = ({ min, max, is64 }: MemoryType): string => `${min} ${max ?? ''} ${is64 ? 64 : 32}`;

/** The memories of one type. */
export interface Shelf {
  /** A memory full of zeros that nobody else has. Throws RangeError where the engine has no room for it. */
  take(): WebAssembly.Memory;
  /** Takes a memory back. Nothing may reach it any more: no guest, and no view that the host holds. */
  give(memory: WebAssembly.Memory): void;
}

/** A free memory; the last of its type is taken first. */
interface Kept {
  readonly memory: WebAssembly.Memory;
  readonly bytes: number;
  readonly shelf: Kept[];
}

export class MemoryPool {
  readonly #shelves = new Map<string, Shelf>();
  /** Longest kept first. */
  readonly #kept = new Set<Kept>();
  #bytes = 0;

  /** Bytes of the memories that wait here. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many memories wait here. */
  get count(): number {
    return this.#kept.size;
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

  /** Lets go of all that wait, so that the engine can give their memory and addresses back. */
  clear(): void {
    this.#shrink(0, 0);
  }

  #makeShelf(type: MemoryType): Shelf {
    const free: Kept[] = [];
    const size = type.min * PAGE_BYTES;
    return {
      take: () => {
        const kept = free.pop();
        if (kept === undefined) return this.#create(type);
        this.#kept.delete(kept);
        this.#bytes -= kept.bytes;
        return kept.memory;
      },
      give: (memory) => {
        // A new memory without pages costs no zeroing, but what it reserves.
        if (type.min > LARGEST_PAGES || type.min === 0) return;
        const bytes = new Uint8Array(memory.buffer);
        // One that grew can never be small again.
        if (bytes.length !== size) return;
        bytes.fill(0);
        const kept = { memory, bytes: size, shelf: free };
        this.#kept.add(kept);
        this.#bytes += size;
        free.push(kept);
        if (this.#bytes > KEPT_BYTES || this.#kept.size > KEPT_COUNT) {
          this.#shrink(KEPT_BYTES, KEPT_COUNT);
        }
      },
    };
  }

  /** Parts with those that were kept longest, which are of types that nobody uses any more, most likely. */
  #shrink(bytes: number, count: number): void {
    for (const kept of this.#kept) {
      if (this.#bytes <= bytes && this.#kept.size <= count) return;
      this.#kept.delete(kept);
      this.#bytes -= kept.bytes;
      // The oldest of its type: the first.
      kept.shelf.shift();
    }
  }

  #create(type: MemoryType): WebAssembly.Memory {
    try {
      return create(type);
    } catch (error) {
      if (this.#kept.size === 0) throw error;
      // The engine looks for memories that nobody holds before it refuses.
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
  // The types of the standard library know numbers only.
  const descriptor: object = {
    address: 'i64',
    initial: BigInt(min),
    ...(max === undefined ? {} : { maximum: BigInt(max) }),
  };
  return Reflect.construct(WebAssembly.Memory, [descriptor]);
}

/** The one of this thread. */
export const sharedPool = new MemoryPool();
