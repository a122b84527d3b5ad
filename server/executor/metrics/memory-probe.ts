/**
 * Checks whether this process can still allocate a guest memory. Each one reserves gigabytes of address space, so a
 * process can run out with most of its RAM free; it would then answer requests but run nothing.
 */

/** A result is cached this long: probe memories are garbage until collected, and anyone may call the check. */
const CACHE_MS = 1000;

export class MemoryProbe {
  readonly #make: () => unknown;
  readonly #now: () => number;
  #triedAt = -Infinity;
  #isPossible = false;

  /** @param make throws if no memory can be allocated */
  constructor(make: () => unknown = makeMemory, now = () => performance.now()) {
    this.#make = make;
    this.#now = now;
  }

  /** Rejects if no memory can be allocated. */
  async check(): Promise<void> {
    if (this.#now() - this.#triedAt >= CACHE_MS) this.#probe();
    if (!this.#isPossible) throw new Error('no memory can be allocated for a guest');
  }

  #probe(): void {
    this.#triedAt = this.#now();
    try {
      this.#make();
      this.#isPossible = true;
    } catch {
      this.#isPossible = false;
    }
  }
}

function makeMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1 });
}
