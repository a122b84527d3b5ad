/** The open descriptors of one guest. Numbers are never reused. */
import { CallError } from '../errors.ts';
import type { Resource } from '../schemes/resource.ts';

export class Descriptors {
  readonly #open = new Map<number, Resource>();
  #next = 1;
  #ended = false;

  get size(): number {
    return this.#open.size;
  }

  /** Assigns a descriptor to the resource. If the guest has already ended, the resource is closed at once. */
  add(resource: Resource): number {
    if (this.#ended) void closeQuietly(resource);
    else this.#open.set(this.#next, resource);
    return this.#next++;
  }

  /** Throws InvalidArgument if the descriptor is not open. */
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
    return resource.close();
  }

  /** Closes all open resources, and any added later. Returns a promise if closing one is asynchronous. */
  end(): void | Promise<void> {
    this.#ended = true;
    const closing: Promise<void>[] = [];
    for (const resource of this.#open.values()) {
      const closed = closeQuietly(resource);
      if (closed !== undefined) closing.push(closed);
    }
    this.#open.clear();
    if (closing.length > 0) return Promise.all(closing).then(() => undefined);
  }
}

/** Closes a resource and ignores errors: nobody uses it any more. */
function closeQuietly(resource: Resource): void | Promise<void> {
  try {
    return resource.close()?.catch(() => {});
  } catch {}
}
