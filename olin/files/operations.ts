/** Calls that change or read the tree, as POSIX describes them. Paths start from a directory and stay below it. */
import { CALL_RATES } from '../run/call-cost.ts';
import { FILE_COST } from './file-bounds.ts';
import { FileError, type FileErrorCode } from './file-error.ts';
import type { FileHost } from './file-host.ts';
import { DirectoryNode, FileNode, freeIfUnused, LinkNode, type Node, type Times } from './nodes.ts';
import { decodePath, walk, type AtEnd, type Place } from './walk.ts';

const SLASH = 0x2f;

/** A path of a guest: the directory that it starts from, and its bytes. */
export interface GuestPath {
  readonly from: DirectoryNode;
  readonly bytes: Uint8Array;
}

export interface OpenWish {
  readonly follow: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly directory: boolean;
  readonly truncate: boolean;
  readonly writes: boolean;
}

/** Times to set; a time that is undefined stays. */
export type NewTimes = Partial<Pick<Times, 'accessed' | 'modified'>>;

function find({ from, bytes }: GuestPath, atEnd: AtEnd, host: FileHost): Place {
  return walk(from, decodePath(bytes, host), atEnd, host);
}

/** Finds what exists. Throws `notdir` if a slash is after the name of a file or link. */
function findExisting(path: GuestPath, atEnd: AtEnd, host: FileHost): Place {
  return checkSlash(find(path, atEnd, host));
}

function checkSlash(place: Place): Place {
  if (place.isDirectory && place.node !== undefined && place.node.kind !== 'directory') {
    throw new FileError('notdir');
  }
  return place;
}

/** Returns what the path names. Throws `noent` if there is nothing. */
export function findNode(path: GuestPath, follow: boolean, host: FileHost): Node {
  const { node } = findExisting(path, follow ? 'follow' : 'stay', host);
  if (node === undefined) throw new FileError('noent');
  return node;
}

/** Returns the file or directory to open, which is created or cut off if that is wished. */
export function openNode(
  path: GuestPath,
  wish: OpenWish,
  host: FileHost,
): FileNode | DirectoryNode {
  const { create, exclusive, directory, truncate, writes } = wish;
  if (directory && (create || truncate)) throw new FileError('inval');
  // With O_EXCL, a link is not followed: it exists.
  const isSlashed = path.bytes.at(-1) === SLASH;
  const isFollowed = wish.follow && !(create && exclusive);
  const place = find(path, create && isSlashed ? 'name' : isFollowed ? 'follow' : 'stay', host);
  if (create && place.isDirectory) throw new FileError('isdir');
  const { node } = checkSlash(place);
  if (node === undefined) {
    if (!create) throw new FileError('noent');
    return createFile(place, host);
  }
  if (create && exclusive) throw new FileError('exist');
  if (node.kind === 'link') throw new FileError('loop');
  if (directory && node.kind !== 'directory') throw new FileError('notdir');
  if (node.kind === 'directory') {
    if (writes || truncate || create) throw new FileError('isdir');
    return node;
  }
  if ((writes || truncate) && node.volume.isReadOnly) throw new FileError('rofs');
  if (truncate) resizeFile(node, 0, host);
  return node;
}

export function resizeFile(node: FileNode, size: number, host: FileHost): void {
  node.contents.resize(size, host);
  node.touch(host.timestamp());
}

function createFile(place: Place, host: FileHost): FileNode {
  const { volume } = place.directory;
  return addNode(place, (now) => new FileNode(volume, now), host);
}

export function createDirectory(path: GuestPath, host: FileHost): void {
  const place = find(path, 'name', host);
  if (place.node !== undefined) throw new FileError('exist');
  const { volume } = place.directory;
  addNode(place, (now) => new DirectoryNode(volume, now), host);
}

/** @param target what the link contains, as bytes; it may name nothing */
export function createLink(target: Uint8Array, path: GuestPath, host: FileHost): void {
  const text = decodePath(target, host);
  // An absolute target would lead out of every directory that a guest has.
  if (text.startsWith('/')) throw new FileError('perm');
  const place = find(path, 'name', host);
  if (place.node !== undefined) throw new FileError('exist');
  if (place.isDirectory) throw new FileError('noent');
  const { volume } = place.directory;
  addNode(place, (now) => new LinkNode(volume, now, text, target.length), host);
}

export function readLink(path: GuestPath, host: FileHost): string {
  const node = findNode(path, false, host);
  if (node.kind !== 'link') throw new FileError('inval');
  return node.target;
}

/** Gives a file another name. A symbolic link is not followed. */
export function linkFile(from: GuestPath, to: GuestPath, host: FileHost): void {
  const node = findNode(from, false, host);
  const place = find(to, 'name', host);
  if (place.node !== undefined) throw new FileError('exist');
  if (place.isDirectory) throw new FileError('noent');
  if (node.kind === 'directory') throw new FileError('perm');
  if (node.volume !== place.directory.volume) throw new FileError('xdev');
  addEntry(place, node, host);
  node.times.changed = host.timestamp();
}

export function unlinkFile(path: GuestPath, host: FileHost): void {
  const place = findExisting(path, 'name', host);
  const { node } = place;
  if (node === undefined) throw new FileError('noent');
  if (node.kind === 'directory') throw new FileError('isdir');
  removeEntry(place, node, host);
}

export function removeDirectory(path: GuestPath, host: FileHost): void {
  const place = findExisting(path, 'name', host);
  const { node, name } = place;
  if (node === undefined) throw new FileError('noent');
  if (node.kind !== 'directory') throw new FileError('notdir');
  if (name === undefined) throw new FileError(place.isUp ? 'notempty' : 'inval');
  checkWritable(node);
  if (node.size > 0) throw new FileError('notempty');
  removeEntry(place, node, host);
}

/** Moves a file or directory. What is at the new name is replaced: a file by a file, an empty directory by a directory. */
export function rename(from: GuestPath, to: GuestPath, host: FileHost): void {
  const source = find(from, 'name', host);
  const target = find(to, 'name', host);
  if (source.name === undefined || target.name === undefined) throw new FileError('busy');
  if (source.directory.volume !== target.directory.volume) throw new FileError('xdev');
  const { node } = source;
  if (node === undefined) throw new FileError('noent');
  checkReplaceable(source, node, target, host);
  const replaced = target.node;
  if (node === replaced) return;
  // Nothing fails after this, so that no name is lost.
  const held = holdEntry(target.name, host);
  if (replaced !== undefined) removeEntry(target, replaced, host);
  // Counted as open meanwhile, so that it is not freed.
  node.opened++;
  removeEntry(source, node, host);
  target.directory.add(target.name, node, held);
  target.directory.touch(host.timestamp());
  node.opened--;
}

/** Throws if `node` cannot take the place of the target, in the order of Linux. */
function checkReplaceable(source: Place, node: Node, target: Place, host: FileHost): void {
  const isDirectory = node.kind === 'directory';
  if (!isDirectory && (source.isDirectory || target.isDirectory)) throw new FileError('notdir');
  if (isDirectory) checkNotInside(target.directory, node, 'inval', host);
  const replaced = target.node;
  if (replaced?.kind === 'directory') {
    checkNotInside(source.directory, replaced, 'notempty', host);
  }
  checkWritable(source.directory);
  checkPresent(target.directory);
  if (replaced === undefined || replaced === node) return;
  if (isDirectory && replaced.kind !== 'directory') throw new FileError('notdir');
  if (replaced.kind !== 'directory') return;
  if (!isDirectory) throw new FileError('isdir');
  if (replaced.size > 0) throw new FileError('notempty');
}

/** Sets times of a node. */
export function setTimes(node: Node, { accessed, modified }: NewTimes, host: FileHost): void {
  checkWritable(node);
  if (accessed !== undefined) node.times.accessed = accessed;
  if (modified !== undefined) node.times.modified = modified;
  node.times.changed = host.timestamp();
}

/** Throws the error if the directory is, or is in, `node`. */
function checkNotInside(
  directory: DirectoryNode,
  node: DirectoryNode,
  code: FileErrorCode,
  host: FileHost,
): void {
  for (let at: DirectoryNode | undefined = directory; at !== undefined; at = at.parent) {
    host.charge(CALL_RATES.item.gas);
    if (at === node) throw new FileError(code);
  }
}

function checkWritable(node: Node): void {
  if (node.volume.isReadOnly) throw new FileError('rofs');
}

/** Throws `noent` if the directory was removed while it was open. */
function checkPresent(directory: DirectoryNode): void {
  if (directory.isRemoved) throw new FileError('noent');
}

function addNode<T extends Node>(place: Place, make: (now: bigint) => T, host: FileHost): T {
  const { volume } = place.directory;
  checkWritable(place.directory);
  checkPresent(place.directory);
  const node = make(host.timestamp());
  volume.hold(node, host);
  try {
    addEntry(place, node, host);
  } catch (error) {
    volume.release(node, host);
    throw error;
  }
  return node;
}

function addEntry({ directory, name }: Place, node: Node, host: FileHost): void {
  checkWritable(directory);
  checkPresent(directory);
  if (name === undefined) throw new FileError('exist');
  directory.add(name, node, holdEntry(name, host));
  directory.touch(host.timestamp());
}

/** Counts the memory of an entry, and returns it. Throws `nospc` if it does not fit. */
function holdEntry(name: string, host: FileHost): number {
  const held = FILE_COST.entry + 2 * name.length;
  if (!host.hold(held)) throw new FileError('nospc');
  return held;
}

function removeEntry({ directory, name }: Place, node: Node, host: FileHost): void {
  if (name === undefined) throw new FileError('busy');
  checkWritable(directory);
  host.release(directory.remove(name));
  const now = host.timestamp();
  directory.touch(now);
  node.times.changed = now;
  freeIfUnused(node, host);
}
