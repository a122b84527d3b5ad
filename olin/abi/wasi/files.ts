/** Access to the descriptors of files and directories for the WASI functions. */
import type {
  OpenedDirectory,
  OpenedFile,
  OpenFile,
  StandardStream,
} from '../../files/open-files.ts';
import type { Node } from '../../files/nodes.ts';
import type { Process } from '../../run/process.ts';
import { ERRNO, WasiError } from './errno.ts';
import { dataAt } from './wire.ts';

/** `filetype` of WASI. */
export const FILE_TYPE = { unknown: 0, directory: 3, file: 4, link: 7 } as const;

/** Returns an open descriptor. Throws `badf` if it is not open. */
export function opened(process: Process, fd: number): OpenFile {
  const found = process.files.get(fd);
  if (found === undefined) throw new WasiError(ERRNO.badf);
  return found;
}

/** Returns an open file. Throws `badf` for any other descriptor. */
export function openedFile(process: Process, fd: number): OpenedFile {
  const found = opened(process, fd);
  if (found.kind !== 'file') throw new WasiError(ERRNO.badf);
  return found;
}

/** Returns an open file with a position. Throws `spipe` for a stream, `badf` for a directory. */
export function seekable(process: Process, fd: number): OpenedFile {
  const found = opened(process, fd);
  if (isStream(found)) throw new WasiError(ERRNO.spipe);
  return openedFile(process, fd);
}

/** Returns an open file or directory. Throws `badf` for a stream. */
export function openedNode(process: Process, fd: number): OpenedFile | OpenedDirectory {
  const found = opened(process, fd);
  if (isStream(found)) throw new WasiError(ERRNO.badf);
  return found;
}

/** Returns an open directory. Throws `notdir` for a file, `badf` for a stream. */
export function openedDirectory(process: Process, fd: number): OpenedDirectory {
  const found = openedNode(process, fd);
  if (found.kind === 'file') throw new WasiError(ERRNO.notdir);
  return found;
}

function isStream(found: OpenFile): found is StandardStream {
  return found.kind === 'input' || found.kind === 'output';
}

/** Refuses bits that are no flags. */
export function checkFlags(flags: number, known: number): void {
  if ((flags & ~known) !== 0) throw new WasiError(ERRNO.inval);
}

/** Writes the attributes of a file, directory or link. */
export function writeStat(process: Process, place: number, node: Node): void {
  const view = dataAt(process, place, 64);
  const { accessed, modified, changed } = node.times;
  view.setBigUint64(0, node.volume.device, true);
  view.setBigUint64(8, node.inode, true);
  view.setBigUint64(16, BigInt(FILE_TYPE[node.kind]), true);
  view.setBigUint64(24, BigInt(node.links), true);
  view.setBigUint64(32, BigInt(sizeOf(node)), true);
  view.setBigUint64(40, accessed, true);
  view.setBigUint64(48, modified, true);
  view.setBigUint64(56, changed, true);
}

function sizeOf(node: Node): number {
  if (node.kind === 'file') return node.contents.size;
  return node.kind === 'link' ? node.size : 0;
}
