/** Descriptors: their state, attributes and positions. */
import { resizeFile, setTimes } from '../../files/operations.ts';
import type { OpenedFile, OpenFile } from '../../files/open-files.ts';
import type { Process } from '../../run/process.ts';
import { declare, type AbiFunction } from '../declare.ts';
import { errno, ERRNO, WasiError } from './errno.ts';
import {
  checkFlags,
  FILE_TYPE,
  opened,
  openedDirectory,
  openedFile,
  openedNode,
  seekable,
  writeStat,
} from './files.ts';
import { DIRECTORY_INHERITED, DIRECTORY_RIGHTS, fileRights, RIGHTS } from './rights.ts';
import { atim, FSTFLAGS, fstflags, mtim, readTimes } from './times.ts';
import { dataAt, fd, place, status, u32 } from './wire.ts';

const STAT_BYTES = 24;
const FLAG_APPEND = 1;
const FLAG_NONBLOCK = 4;
/** The last number of each enumeration. */
const LAST_ADVICE = 5;
const WHENCE = { set: 0, current: 1, end: 2 } as const;

function writeDescriptorStat(process: Process, file: OpenFile, place: number): void {
  const view = dataAt(process, place, STAT_BYTES);
  const [type, flags, base, inheriting] = describe(file);
  view.setBigUint64(0, 0n, true);
  view.setUint8(0, type);
  view.setUint16(2, flags, true);
  view.setBigUint64(8, base, true);
  view.setBigUint64(16, inheriting, true);
}

/** Type, flags, rights, and rights of what is opened through it. */
function describe(
  file: OpenFile,
): readonly [type: number, flags: number, base: bigint, inheriting: bigint] {
  switch (file.kind) {
    case 'input':
      return [FILE_TYPE.unknown, 0, RIGHTS.read, 0n];
    case 'output':
      return [FILE_TYPE.unknown, 0, RIGHTS.write, 0n];
    case 'directory':
      return [FILE_TYPE.directory, file.flags, DIRECTORY_RIGHTS, DIRECTORY_INHERITED];
    case 'file': {
      const rights = fileRights(file);
      return [FILE_TYPE.file, file.flags, rights, rights];
    }
  }
}

/** Throws `inval` for an unknown origin, or a position that no file can have. */
function target(file: OpenedFile, offset: bigint, whence: number): number {
  const from =
    whence === WHENCE.set
      ? 0
      : whence === WHENCE.current
        ? file.position
        : whence === WHENCE.end
          ? file.node.contents.size
          : undefined;
  const to = from === undefined ? -1n : BigInt(from) + BigInt.asIntN(64, offset);
  if (to < 0n || to > BigInt(Number.MAX_SAFE_INTEGER)) throw new WasiError(ERRNO.inval);
  return Number(to);
}

const newPosition = place('newoffset');

export const descriptors: readonly AbiFunction[] = [
  declare({
    name: 'fd_close',
    doc: 'Closes a descriptor: later calls with it return `badf`.',
    params: [fd],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd) => (process.files.close(fd) ? ERRNO.success : ERRNO.badf),
  }),
  declare({
    name: 'fd_renumber',
    doc: 'Closes the descriptor `to`, and gives its number to `fd`.',
    params: [fd, u32('to', 'a descriptor that is open')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, from, to) => (process.files.renumber(from, to) ? ERRNO.success : ERRNO.badf),
  }),
  declare({
    name: 'fd_fdstat_get',
    doc: 'Returns the type, flags and rights of a descriptor. The type of a standard stream is unknown: it is not a terminal.',
    params: [fd, place('stat')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, stat) =>
      errno(() => writeDescriptorStat(process, opened(process, fd), stat)),
  }),
  declare({
    name: 'fd_fdstat_set_flags',
    doc: 'Sets the flags `append` and `nonblock` of a file. For other descriptors, flags are ignored.',
    params: [fd, u32('flags', '1 append, 4 nonblock')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, flags) =>
      errno(() => {
        const found = opened(process, fd);
        if (found.kind !== 'file') return;
        checkFlags(flags, FLAG_APPEND | FLAG_NONBLOCK);
        found.flags = flags;
      }),
  }),
  declare({
    name: 'fd_fdstat_set_rights',
    doc: 'Returns the error number `notsup`: rights cannot be dropped.',
    params: [
      fd,
      { name: 'rights_base', type: 'u64', doc: 'ignored' },
      { name: 'rights_inheriting', type: 'u64', doc: 'ignored' },
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd) =>
      errno(() => {
        openedNode(process, fd);
        throw new WasiError(ERRNO.notsup);
      }),
  }),
  declare({
    name: 'fd_filestat_get',
    doc: 'Returns the attributes of a descriptor. For a standard stream they are all 0.',
    params: [fd, place('stat')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, stat) =>
      errno(() => {
        const found = opened(process, fd);
        if (found.kind === 'file' || found.kind === 'directory') {
          writeStat(process, stat, found.node);
        } else process.memory.view(stat, 64).fill(0);
      }),
  }),
  declare({
    name: 'fd_filestat_set_size',
    doc: 'Cuts a file off, or extends it with zeros.',
    params: [fd, { name: 'size', type: 'u64', doc: 'the new size' }],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, size) =>
      errno(() => {
        const { node, writes } = openedFile(process, fd);
        if (!writes) throw new WasiError(ERRNO.inval);
        resizeFile(node, Number(size), process);
      }),
  }),
  declare({
    name: 'fd_filestat_set_times',
    doc: 'Sets the times of a file or directory.',
    params: [fd, atim, mtim, fstflags],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, accessed, modified, flags) =>
      errno(() => {
        checkFlags(flags, FSTFLAGS);
        const { node } = openedNode(process, fd);
        setTimes(node, readTimes(process, accessed, modified, flags), process);
      }),
  }),
  declare({
    name: 'fd_seek',
    doc: 'Moves the position of a file, also past its end. The standard streams have none: `spipe`.',
    params: [
      fd,
      { name: 'offset', type: 'u64', doc: 'a signed number of bytes' },
      u32('whence', '0 from the start, 1 from the position, 2 from the end'),
      newPosition,
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, offset, whence, result) =>
      errno(() => {
        const file = seekable(process, fd);
        const to = target(file, offset, whence);
        dataAt(process, result, 8).setBigUint64(0, BigInt(to), true);
        file.position = to;
      }),
  }),
  declare({
    name: 'fd_tell',
    doc: 'Returns the position of a file.',
    params: [fd, newPosition],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, result) =>
      errno(() => {
        const { position } = seekable(process, fd);
        dataAt(process, result, 8).setBigUint64(0, BigInt(position), true);
      }),
  }),
  ...(['fd_sync', 'fd_datasync'] as const).map((name) =>
    declare({
      name,
      doc: 'Does nothing: files are in memory.',
      params: [fd],
      result: status,
      errors: [],
      blocks: false,
      body: (process, fd) => errno(() => void openedNode(process, fd)),
    }),
  ),
  declare({
    name: 'fd_advise',
    doc: 'Ignores the advice on how a file will be read.',
    params: [
      fd,
      { name: 'offset', type: 'u64', doc: 'ignored' },
      { name: 'len', type: 'u64', doc: 'ignored' },
      u32('advice', '0 to 5'),
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, _offset, _length, advice) =>
      errno(() => {
        openedFile(process, fd);
        if (advice > LAST_ADVICE) throw new WasiError(ERRNO.inval);
      }),
  }),
  declare({
    name: 'fd_allocate',
    doc: 'Returns the error number `notsup`: a file takes memory when it is written.',
    params: [
      fd,
      { name: 'offset', type: 'u64', doc: 'ignored' },
      { name: 'len', type: 'u64', doc: 'ignored' },
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd) =>
      errno(() => {
        openedFile(process, fd);
        throw new WasiError(ERRNO.notsup);
      }),
  }),
  declare({
    name: 'fd_prestat_get',
    doc: 'Returns the length of the name of a directory that the program was given; `badf` for other descriptors.',
    params: [fd, place('prestat')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, result) =>
      errno(() => {
        const name = nameOfPreopen(process, fd);
        const view = dataAt(process, result, 8);
        view.setUint32(0, 0, true);
        view.setUint32(4, name.length, true);
      }),
  }),
  declare({
    name: 'fd_prestat_dir_name',
    doc: 'Writes the name of a directory that the program was given.',
    params: [fd, place('path'), u32('path_len', 'the size of the buffer')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, base, length) =>
      errno(() => {
        const name = nameOfPreopen(process, fd);
        if (length < name.length) throw new WasiError(ERRNO.nametoolong);
        process.memory.view(base, name.length).set(name);
      }),
  }),
];

function nameOfPreopen(process: Process, fd: number): Uint8Array {
  const found = openedDirectoryOrBad(process, fd);
  if (found.preopenedAs === undefined) throw new WasiError(ERRNO.badf);
  return new TextEncoder().encode(found.preopenedAs);
}

function openedDirectoryOrBad(process: Process, fd: number): ReturnType<typeof openedDirectory> {
  const found = openedNode(process, fd);
  if (found.kind === 'file') throw new WasiError(ERRNO.badf);
  return found;
}
