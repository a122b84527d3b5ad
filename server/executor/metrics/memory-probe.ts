/**
 * Whether this process can still make a memory for a guest. Each one reserves gigabytes of addresses, so that a process may
 * run out of them with most of its RAM free; then it answers, and runs nothing.
 */

/** One try holds for this long: what is tried is garbage until the engine collects it, and anybody may ask. */
const HOLDS_MS = 1000;

export class MemoryProbe {
  readonly #make: () => unknown;
  readonly #now: () => number;
  #triedAt = -Infinity;
  #isPossible = false;

  /** @param make throws if there is no memory */
  constructor(make: () => unknown = makeMemory, now = () => performance.now()) {
    this.#make = make;
    this.#now = now;
  }

  /** Rejects if no memory can be made. */
  async check(): Promise<void> {
    if (this.#now() - this.#triedAt >= HOLDS_MS) this.#try();
    if (!this.#isPossible) throw new Error('no memory can be made for a guest');
  }

  #try(): void {
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
