/**
 * Memories that ended guests left, zeroed, for the next ones: mapping a new memory costs several times what all the rest
 * of an instance does. A memory is only given to a module that declares exactly what it is.
 */
const PAGE_BYTES = 65_536;
/** A larger memory takes about as long to zero as a new one takes to map. */
const LARGEST_PAGES = 20;
/** Bytes kept in all. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** What a module declares of a memory, in pages. */
export interface MemoryType {
  readonly min: number;
  readonly max?: number;
  readonly is64: boolean;
}

const keyOf = ({ min, max, is64 }: MemoryType): string => `${min} ${max ?? ''} ${is64 ? 64 : 32}`;

export class MemoryPool {
  readonly #free = new Map<string, WebAssembly.Memory[]>();
  #bytes = 0;

  /** Bytes of the memories that wait here. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A memory full of zeros that nobody else has. Throws RangeError where the engine has no room for it. */
  take(type: MemoryType): WebAssembly.Memory {
    const free = this.#free.get(keyOf(type))?.pop();
    if (free === undefined) return create(type);
    this.#bytes -= free.buffer.byteLength;
    return free;
  }

  /** Takes a memory back. Nothing may reach it any more: no guest, and no view that the host holds. */
  give(type: MemoryType, memory: WebAssembly.Memory): void {
    const { buffer } = memory;
    const { byteLength } = buffer;
    // One that grew can never be small again.
    if (byteLength !== type.min * PAGE_BYTES || type.min > LARGEST_PAGES) return;
    if (this.#bytes + byteLength > KEPT_BYTES) return;
    new Uint8Array(buffer).fill(0);
    this.#bytes += byteLength;
    const key = keyOf(type);
    const free = this.#free.get(key);
    if (free === undefined) this.#free.set(key, [memory]);
    else free.push(memory);
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
