/** The open descriptors of WASI. As in POSIX, a new one gets the lowest free number, and a closed number is reused. */
import type { Resource } from '../schemes/resource.ts';

/** Standard input, output or error. */
export interface StandardStream {
  readonly kind: 'input' | 'output';
  readonly resource: Resource;
}

export type OpenFile = StandardStream;

export interface StandardStreams {
  readonly input: Resource;
  readonly output: Resource;
  readonly errors: Resource;
}

export class OpenFiles {
  readonly #open: (OpenFile | undefined)[];

  constructor({ input, output, errors }: StandardStreams) {
    this.#open = [
      { kind: 'input', resource: input },
      { kind: 'output', resource: output },
      { kind: 'output', resource: errors },
    ];
  }

  /** Returns undefined if the descriptor is not open. */
  get(fd: number): OpenFile | undefined {
    return this.#open[fd];
  }

  /** Returns false if the descriptor is not open. */
  close(fd: number): boolean {
    if (this.#open[fd] === undefined) return false;
    this.#open[fd] = undefined;
    return true;
  }

  /** Moves `from` to `to`, which is closed. Returns false, and changes nothing, if one of them is not open. */
  renumber(from: number, to: number): boolean {
    const moved = this.#open[from];
    if (moved === undefined || this.#open[to] === undefined) return false;
    if (from === to) return true;
    this.#open[to] = moved;
    this.#open[from] = undefined;
    return true;
  }
}
