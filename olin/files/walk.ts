/** Finds what a path names, without leaving the directory that it starts from. */
import { CALL_RATES, gasFor } from '../run/call-cost.ts';
import { FILE_BOUNDS } from './file-bounds.ts';
import { FileError } from './file-error.ts';
import type { FileHost } from './file-host.ts';
import type { DirectoryNode, Node } from './nodes.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8 = new TextEncoder();

/** Decodes a path, and charges for it. Throws `nametoolong`, `ilseq`, `noent` if it is empty, `inval` for a zero byte. */
export function decodePath(bytes: Uint8Array, host: FileHost): string {
  if (bytes.length > FILE_BOUNDS.pathBytes) throw new FileError('nametoolong');
  if (bytes.length === 0) throw new FileError('noent');
  host.charge(gasFor('text', bytes.length));
  if (bytes.includes(0)) throw new FileError('inval');
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new FileError('ilseq');
  }
}

/** Where a path leads. */
export interface Place {
  /** The directory that has, or would have, the name. */
  readonly directory: DirectoryNode;
  /** Undefined for `.`, `..` and the start itself, which have no name to change. */
  readonly name: string | undefined;
  /** Whether the last component is `..`. */
  readonly isUp: boolean;
  /** Undefined if nothing has the name. */
  readonly node: Node | undefined;
  /** Whether the path ends with a slash, so that it can name only a directory. */
  readonly isDirectory: boolean;
}

/**
 * What becomes of a symbolic link at the end of a path: `follow` it, follow it only if a slash is after it (`stay`), or
 * take the `name` itself, to change or create it.
 */
export type AtEnd = 'follow' | 'stay' | 'name';

/**
 * Follows a path from a directory. Symbolic links before the end are always followed. Throws `perm` if the path is absolute or leaves the directory, `noent` or `notdir` if it cannot be followed, and
 * `loop` after too many links.
 */
export function walk(start: DirectoryNode, path: string, atEnd: AtEnd, host: FileHost): Place {
  return new Walk(start, host).to(path, atEnd);
}

class Walk {
  readonly #host: FileHost;
  /** From the start to the directory reached. */
  readonly #above: DirectoryNode[] = [];
  #here: DirectoryNode;
  /** Components that are left, the next one last. */
  readonly #left: string[] = [];
  #links = 0;
  #isDirectory = false;

  constructor(start: DirectoryNode, host: FileHost) {
    this.#here = start;
    this.#host = host;
  }

  to(path: string, atEnd: AtEnd): Place {
    this.#push(path);
    let place: Place = this.#self();
    for (let name = this.#left.pop(); name !== undefined; name = this.#left.pop()) {
      this.#host.charge(CALL_RATES.item.gas);
      const isLast = this.#left.length === 0;
      const next = this.#step(name, isLast, atEnd);
      if (next !== undefined) place = next;
    }
    return { ...place, isDirectory: this.#isDirectory };
  }

  /** Returns the place reached; undefined if the component was a link, whose own components come next. */
  #step(name: string, isLast: boolean, atEnd: AtEnd): Place | undefined {
    if (name === '.') return this.#self();
    if (name === '..') return this.#up();
    if (
      name.length * 3 > FILE_BOUNDS.nameBytes &&
      utf8.encode(name).length > FILE_BOUNDS.nameBytes
    ) {
      throw new FileError('nametoolong');
    }
    const node = this.#here.get(name);
    const place = { directory: this.#here, name, isUp: false, node, isDirectory: false };
    const isFollowed = atEnd === 'follow' || (atEnd === 'stay' && this.#isDirectory);
    if (node?.kind === 'link' && (!isLast || isFollowed)) {
      this.#followLink(node.target);
      return undefined;
    }
    if (isLast) return place;
    if (node === undefined) throw new FileError('noent');
    if (node.kind !== 'directory') throw new FileError('notdir');
    this.#above.push(this.#here);
    this.#here = node;
    return this.#self();
  }

  #self(): Place {
    const here = this.#here;
    return { directory: here, name: undefined, isUp: false, node: here, isDirectory: true };
  }

  #up(): Place {
    const above = this.#above.pop();
    if (above === undefined) throw new FileError('perm');
    this.#here = above;
    return { ...this.#self(), isUp: true };
  }

  #followLink(target: string): void {
    if (++this.#links > FILE_BOUNDS.links) throw new FileError('loop');
    this.#host.charge(gasFor('text', target.length));
    this.#push(target);
  }

  #push(path: string): void {
    if (path.startsWith('/')) throw new FileError('perm');
    // Only the last components of all decide whether a directory must be there.
    if (this.#left.length === 0 && path.endsWith('/')) this.#isDirectory = true;
    const components = path.split('/').filter((each) => each !== '');
    for (let at = components.length - 1; at >= 0; at--) {
      const component = components[at];
      if (component !== undefined) this.#left.push(component);
    }
  }
}
