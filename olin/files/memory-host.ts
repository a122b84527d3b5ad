/** A host of files for tests. */
import type { FileHost } from './file-host.ts';

export class MemoryHost implements FileHost {
  readonly #room: number;
  held = 0;
  gas = 0;

  constructor(room = Infinity) {
    this.#room = room;
  }

  charge(gas: number): void {
    this.gas += gas;
  }

  hold(bytes: number): boolean {
    if (this.held + bytes > this.#room) return false;
    this.held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.held -= bytes;
  }

  timestamp(): bigint {
    return 1n;
  }
}
