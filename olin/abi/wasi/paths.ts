/** Calls with a path, which starts from an open directory and stays below it. */
import { gasFor } from '../../run/call-cost.ts';
import type { Process } from '../../run/process.ts';
import {
  createDirectory,
  createLink,
  findNode,
  linkFile,
  openNode,
  readLink,
  removeDirectory,
  rename,
  setTimes,
  unlinkFile,
  type GuestPath,
} from '../../files/operations.ts';
import { declare, type AbiFunction, type GuestRange } from '../declare.ts';
import { errno, ERRNO, WasiError } from './errno.ts';
import { checkFlags, openedDirectory, writeStat } from './files.ts';
import { readDirectory } from './readdir.ts';
import { RIGHTS } from './rights.ts';
import { atim, FSTFLAGS, fstflags, mtim, readTimes } from './times.ts';
import { fd, place, status, u32, writeU32 } from './wire.ts';

const FOLLOW = 1;
const OFLAGS = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;
const ALL_OFLAGS = 15;
const ALL_FDFLAGS = 31;

const lookup = u32('flags', '1 follows a symbolic link at the end');
const path = { name: 'path', type: 'range', doc: 'relative to the directory' } as const;
const rights = (name: string) => ({ name, type: 'u64', doc: 'rights' }) as const;

/** The directory is checked first: without one, a call costs what any call costs. */
function pathOf(process: Process, fd: number, { base, length }: GuestRange): GuestPath {
  const { node } = openedDirectory(process, fd);
  return { from: node, bytes: process.memory.view(base, length) };
}

function follows(flags: number): boolean {
  checkFlags(flags, FOLLOW);
  return flags === FOLLOW;
}

interface OpenFlags {
  readonly lookup: number;
  readonly open: number;
  readonly rights: bigint;
  readonly descriptor: number;
}

function open(
  process: Process,
  from: GuestPath,
  { lookup, open, rights, descriptor }: OpenFlags,
  result: number,
): void {
  checkFlags(open, ALL_OFLAGS);
  checkFlags(descriptor, ALL_FDFLAGS);
  const has = (flag: number): boolean => (open & flag) !== 0;
  process.memory.check(result, 4);
  const writes = (rights & RIGHTS.write) !== 0n;
  const node = openNode(
    from,
    {
      follow: follows(lookup),
      create: has(OFLAGS.create),
      directory: has(OFLAGS.directory),
      exclusive: has(OFLAGS.exclusive),
      truncate: has(OFLAGS.truncate),
      writes,
    },
    process,
  );
  const reads = (rights & RIGHTS.read) !== 0n;
  const fd = process.files.add(
    node.kind === 'directory'
      ? { kind: 'directory', node, flags: descriptor }
      : { kind: 'file', node, reads, writes, flags: descriptor, position: 0 },
  );
  writeU32(process, result, fd);
}

export const paths: readonly AbiFunction[] = [
  declare({
    name: 'path_open',
    doc: 'Opens a file or directory, or creates a file.',
    params: [
      fd,
      u32('dirflags', '1 follows a symbolic link at the end'),
      path,
      u32('oflags', '1 create, 2 directory, 4 exclusive, 8 truncate'),
      rights('fs_rights_base'),
      rights('fs_rights_inheriting'),
      u32('fdflags', '1 append; others are kept and have no effect'),
      place('opened_fd'),
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, lookup, path, open_, rights, _inheriting, descriptor, result) =>
      errno(() =>
        open(
          process,
          pathOf(process, fd, path),
          { lookup, open: open_, rights, descriptor },
          result,
        ),
      ),
  }),
  declare({
    name: 'path_create_directory',
    doc: 'Creates a directory.',
    params: [fd, path],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, path) => errno(() => createDirectory(pathOf(process, fd, path), process)),
  }),
  declare({
    name: 'path_remove_directory',
    doc: 'Removes an empty directory.',
    params: [fd, path],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, path) => errno(() => removeDirectory(pathOf(process, fd, path), process)),
  }),
  declare({
    name: 'path_unlink_file',
    doc: 'Removes a name of a file. Its contents stay while it has another name, or is open.',
    params: [fd, path],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, path) => errno(() => unlinkFile(pathOf(process, fd, path), process)),
  }),
  declare({
    name: 'path_rename',
    doc: 'Moves a file or directory, and replaces a file or an empty directory.',
    params: [
      fd,
      { ...path, name: 'old_path' },
      { ...fd, name: 'new_fd' },
      { ...path, name: 'new_path' },
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, path, toFd, toPath) =>
      errno(() => rename(pathOf(process, fd, path), pathOf(process, toFd, toPath), process)),
  }),
  declare({
    name: 'path_link',
    doc: 'Gives a file another name.',
    params: [
      fd,
      lookup,
      { ...path, name: 'old_path' },
      { ...fd, name: 'new_fd' },
      { ...path, name: 'new_path' },
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, flags, path, toFd, toPath) =>
      errno(() => {
        const from = pathOf(process, fd, path);
        if (flags !== 0) throw new WasiError(ERRNO.inval);
        linkFile(from, pathOf(process, toFd, toPath), process);
      }),
  }),
  declare({
    name: 'path_symlink',
    doc: 'Creates a symbolic link, whose target is relative.',
    params: [{ ...path, name: 'old_path', doc: 'the target' }, fd, { ...path, name: 'new_path' }],
    result: status,
    errors: [],
    blocks: false,
    body: (process, target, fd, path) =>
      errno(() => {
        const at = pathOf(process, fd, path);
        createLink(process.memory.view(target.base, target.length), at, process);
      }),
  }),
  declare({
    name: 'path_readlink',
    doc: 'Reads the target of a symbolic link, as much as fits.',
    params: [fd, path, place('buf'), u32('buf_len', 'its size'), place('bufused')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, path, base, length, used) =>
      errno(() => {
        const target = new TextEncoder().encode(readLink(pathOf(process, fd, path), process));
        const written = target.subarray(0, length);
        process.charge(gasFor('moved', written.length));
        process.memory.view(base, written.length).set(written);
        writeU32(process, used, written.length);
      }),
  }),
  declare({
    name: 'path_filestat_get',
    doc: 'Returns the attributes of a file, directory or symbolic link.',
    params: [fd, lookup, path, place('stat')],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, flags, path, stat) =>
      errno(() => {
        const at = pathOf(process, fd, path);
        writeStat(process, stat, findNode(at, follows(flags), process));
      }),
  }),
  declare({
    name: 'path_filestat_set_times',
    doc: 'Sets the times of a file, directory or symbolic link.',
    params: [fd, lookup, path, atim, mtim, fstflags],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, flags, path, accessed, modified, chosen) =>
      errno(() => {
        const at = pathOf(process, fd, path);
        checkFlags(chosen, FSTFLAGS);
        const times = readTimes(process, accessed, modified, chosen);
        setTimes(findNode(at, follows(flags), process), times, process);
      }),
  }),
  declare({
    name: 'fd_readdir',
    doc: 'Reads entries of a directory, from a cookie on: `.` and `..`, then the others in the order of their creation.',
    params: [
      fd,
      place('buf'),
      u32('buf_len', 'its size'),
      { name: 'cookie', type: 'u64', doc: '0, or `d_next` of an entry' },
      place('bufused'),
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd, base, length, cookie, used) =>
      errno(() => readDirectory(process, fd, { base, length }, cookie, used)),
  }),
];
