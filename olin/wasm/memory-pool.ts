/**
 * Memories that ended guests left, zeroed, for the next ones: mapping a new memory costs several times what all the rest
 * of an instance does. A memory is only given to a module that declares exactly what it is.
 */
const PAGE_BYTES = 65_536;
/** A larger memory takes about as long to zero as a new one takes to map. */
export const LARGEST_PAGES = 20;
/** Bytes kept in all. */
const KEPT_BYTES = 64 * 1024 * 1024;

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

export class MemoryPool {
  readonly #shelves = new Map<string, Shelf>();
  #bytes = 0;

  /** Bytes of the memories that wait here. */
  get bytes(): number {
    return this.#bytes;
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

  #makeShelf(type: MemoryType): Shelf {
    const free: WebAssembly.Memory[] = [];
    const size = type.min * PAGE_BYTES;
    return {
      take: () => {
        const memory = free.pop();
        if (memory === undefined) return create(type);
        this.#bytes -= size;
        return memory;
      },
      give: (memory) => {
        if (type.min > LARGEST_PAGES || this.#bytes + size > KEPT_BYTES) return;
        const bytes = new Uint8Array(memory.buffer);
        // One that grew can never be small again.
        if (bytes.length !== size) return;
        bytes.fill(0);
        this.#bytes += size;
        free.push(memory);
      },
    };
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
