/** The descriptors of one guest: numbers that are never used twice, each with a resource behind it. */
import { CallError } from './errors.ts';
import type { Resource } from './schemes/resource.ts';

export class Descriptors {
  readonly #open = new Map<number, Resource>();
  /** Standard input, output and error, which outlive the descriptors that name them. */
  readonly #standard: ReadonlySet<Resource>;
  #next = 1;
  #ended = false;

  constructor(standard: Iterable<Resource>) {
    this.#standard = new Set(standard);
  }

  get size(): number {
    return this.#open.size;
  }

  /** Gives the resource a number. One that was opened too late, for a guest that has ended, is closed at once. */
  add(resource: Resource): number {
    if (this.#ended) void this.#close(resource);
    else this.#open.set(this.#next, resource);
    return this.#next++;
  }

  /** Throws InvalidArgument where the descriptor is not open. */
  get(fd: number): Resource {
    const resource = this.#open.get(fd);
    if (resource === undefined) {
      throw new CallError('InvalidArgument', `descriptor ${fd} is not open`);
    }
    return resource;
  }

  has(fd: number): boolean {
    return this.#open.has(fd);
  }

  remove(fd: number): void | Promise<void> {
    const resource = this.get(fd);
    this.#open.delete(fd);
    if (!this.#standard.has(resource)) return resource.close();
  }

  /** Closes what is open, and from now on whatever is added. */
  async end(): Promise<void> {
    this.#ended = true;
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((resource) => this.#close(resource)));
  }

  /** A resource that fails to close is of no use to anyone any more. */
  async #close(resource: Resource): Promise<void> {
    if (this.#standard.has(resource)) return;
    try {
      await resource.close();
    } catch {}
  }
}
