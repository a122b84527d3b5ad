/** Files, directories and symbolic links in memory. */
import { Contents } from './contents.ts';
import { FILE_BOUNDS, FILE_COST } from './file-bounds.ts';
import { FileError } from './file-error.ts';
import type { FileHost } from './file-host.ts';

/** A directory that a guest was given, with all below it. */
export class Volume {
  readonly isReadOnly: boolean;
  /** Tells volumes of one run apart. */
  readonly device: bigint;
  #inodes = 0;
  #nodes = 0;

  constructor(isReadOnly: boolean, device: bigint) {
    this.isReadOnly = isReadOnly;
    this.device = device;
  }

  nextInode(): bigint {
    return BigInt(++this.#inodes);
  }

  /** Counts a new node and its memory. Throws `nospc` if there is no room. */
  hold(node: Node, host: FileHost): void {
    const { cost } = node;
    if (this.#nodes >= FILE_BOUNDS.nodes || !host.hold(cost)) throw new FileError('nospc');
    this.#nodes++;
    node.held = cost;
  }

  /** Stops counting a node. One that the run was given was not counted. */
  release(node: Node, host: FileHost): void {
    if (node.held === 0) return;
    this.#nodes--;
    host.release(node.held);
    node.held = 0;
  }
}

/** Nanoseconds since 1970. */
export interface Times {
  accessed: bigint;
  modified: bigint;
  changed: bigint;
}

abstract class BaseNode {
  readonly volume: Volume;
  readonly inode: bigint;
  readonly times: Times;
  /** Names in directories. */
  links = 0;
  /** Descriptors that are open. */
  opened = 0;
  /** Bytes counted for the node itself; 0 for one that the run was given. */
  held = 0;

  constructor(volume: Volume, now: bigint) {
    this.volume = volume;
    this.inode = volume.nextInode();
    this.times = { accessed: now, modified: now, changed: now };
  }

  /** Records that the contents changed. */
  touch(now: bigint): void {
    this.times.modified = now;
    this.times.changed = now;
  }

  /** What the node costs the memory of the run, without its contents. */
  abstract get cost(): number;
}

export class FileNode extends BaseNode {
  readonly kind = 'file';
  readonly contents: Contents;

  constructor(volume: Volume, now: bigint, initial?: Uint8Array) {
    super(volume, now);
    this.contents = new Contents(initial);
  }

  get cost(): number {
    return FILE_COST.file;
  }
}

export class LinkNode extends BaseNode {
  readonly kind = 'link';
  readonly target: string;
  /** Length of the target in bytes. */
  readonly size: number;

  constructor(volume: Volume, now: bigint, target: string, size: number) {
    super(volume, now);
    this.target = target;
    this.size = size;
  }

  get cost(): number {
    return FILE_COST.link + 2 * this.target.length;
  }
}

export interface Entry {
  readonly name: string;
  readonly node: Node;
  /** Grows with each new entry, so that reading continues correctly while entries come and go. */
  readonly cookie: bigint;
  /** Bytes counted for it; 0 for one that the run was given. */
  readonly held: number;
}

/** Cookies of the entries `.` and `..`, which come first. */
const RESERVED_COOKIES = 2n;
/** Removed entries that are kept in the order before it is compacted. */
const MAX_REMOVED = 16;

export class DirectoryNode extends BaseNode {
  readonly kind = 'directory';
  /** Undefined for the root of a volume. */
  parent: DirectoryNode | undefined;
  /** Whether it has no name any more; descriptors of it may be open. */
  isRemoved = false;
  readonly #entries = new Map<string, Entry>();
  /** By cookie; removed entries stay until they are many. */
  #order: Entry[] = [];
  #lastCookie = RESERVED_COOKIES;

  get cost(): number {
    return FILE_COST.directory;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(name: string): Node | undefined {
    return this.#entries.get(name)?.node;
  }

  /** Adds an entry. There must be none of the name. */
  add(name: string, node: Node, held = 0): void {
    const entry = { name, node, cookie: ++this.#lastCookie, held };
    this.#entries.set(name, entry);
    this.#order.push(entry);
    node.links++;
    if (node.kind === 'directory') {
      node.parent = this;
      node.isRemoved = false;
    }
  }

  /** Returns the bytes that were counted for the entry. */
  remove(name: string): number {
    const entry = this.#entries.get(name);
    if (entry === undefined) return 0;
    const { node } = entry;
    this.#entries.delete(name);
    node.links--;
    if (node.kind === 'directory') {
      node.parent = undefined;
      node.isRemoved = true;
    }
    if (this.#order.length > 2 * this.#entries.size + MAX_REMOVED) {
      this.#order = this.#order.filter((each) => this.#isPresent(each));
    }
    return entry.held;
  }

  /** The entries after the one with the cookie, in the order of their creation. */
  *after(cookie: bigint): Generator<Entry> {
    let low = 0;
    for (let high = this.#order.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#order[middle]?.cookie ?? 0n) <= cookie) low = middle + 1;
      else high = middle;
    }
    for (let at = low; at < this.#order.length; at++) {
      const entry = this.#order[at];
      if (entry !== undefined && this.#isPresent(entry)) yield entry;
    }
  }

  #isPresent(entry: Entry): boolean {
    return this.#entries.get(entry.name) === entry;
  }
}

export type Node = FileNode | DirectoryNode | LinkNode;

/** Counts an open descriptor. Nodes that runs share are not counted: they are never freed. */
export function keepOpen(node: Node): void {
  if (!node.volume.isReadOnly) node.opened++;
}

/** Counts a descriptor less, and frees the node if nothing refers to it. */
export function letGo(node: Node, host: FileHost): void {
  if (node.volume.isReadOnly) return;
  node.opened--;
  freeIfUnused(node, host);
}

/** Frees a node that has no name and no open descriptor. */
export function freeIfUnused(node: Node, host: FileHost): void {
  if (node.links > 0 || node.opened > 0 || node.volume.isReadOnly) return;
  if (node.kind === 'file') node.contents.release(host);
  node.volume.release(node, host);
}
