/** Rights, which WASI reports and the libraries of C and Rust look at. Nothing is refused for want of one. */
import type { OpenedFile } from '../../files/open-files.ts';

const bit = (number: number): bigint => 1n << BigInt(number);

export const RIGHTS = { read: bit(1), write: bit(6) } as const;

/** Rights of files: reading, writing, seeking, attributes, and polling. */
const FILES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 21, 22, 23, 27];
/** Rights of directories: everything about paths, reading of entries, and times. */
const DIRECTORIES = [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 23, 24, 25, 26];

const union = (numbers: readonly number[]): bigint =>
  numbers.reduce((all, number) => all | bit(number), 0n);

export const DIRECTORY_RIGHTS = union(DIRECTORIES);
export const DIRECTORY_INHERITED = DIRECTORY_RIGHTS | union(FILES);

const FILE_RIGHTS = union(FILES);

export function fileRights({ reads, writes }: Pick<OpenedFile, 'reads' | 'writes'>): bigint {
  const absent = (reads ? 0n : RIGHTS.read) | (writes ? 0n : RIGHTS.write);
  return FILE_RIGHTS & ~absent;
}
