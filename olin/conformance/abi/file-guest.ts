/** Guests that use files, for the cases about them. */
import { FileTree } from '../../files/file-tree.ts';
import type { CaseOptions, ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const utf8 = new TextEncoder();
const GIVEN = new FileTree([
  ['page.html', utf8.encode('<p>0123456789</p>')],
  ['folder/one', utf8.encode('1')],
  ['folder/two', utf8.encode('22')],
]);

export const READ = 2;
export const WRITE = 64;
export const CREATE = 1;
export const DIRECTORY = 2;
export const EXCLUSIVE = 4;
export const TRUNCATE = 8;
export const APPEND = 1;
/** Where the error numbers of calls are collected. */
const STATUSES = 2048;

/** `/` with files, which may be changed unless `isWritable` is false. */
export function given(isWritable = true, options: CaseOptions = {}): () => CaseOptions {
  return () => ({ ...options, preopens: [{ path: '/', files: GIVEN, isWritable }] });
}

interface OpenOptions {
  readonly open?: number;
  readonly rights?: number;
  readonly flags?: number;
  readonly follow?: boolean;
  readonly from?: number;
}

/** Opens a path; the descriptor is at #8. The first one opened is 4. */
export function open(
  path: string,
  { open = 0, rights = READ, flags = 0, follow = false, from = 3 }: OpenOptions = {},
): string {
  return `(call $path_open #${from} #${follow ? 1 : 0} "${path}" #${open} (i64.const ${rights}) (i64.const 0) #${flags} #8)`;
}

export const toPath = (name: string, path: string): string => `(call $${name} #3 "${path}")`;
export const write = (fd: number, text: string): string =>
  `(call $write #${fd} ${text === '' ? '#0 #0' : `"${text}"`})`;
export const seek = (fd: number, offset: number, whence: number): string =>
  `(call $fd_seek #${fd} (i64.const ${offset}) #${whence} #16)`;
export const stat = (path: string): string => `(call $path_filestat_get #3 #0 "${path}" #64)`;

const FIELDS = `(func $vector (param i32 i32)
    (i32.store #32 (local.get 0)) (i32.store #36 (local.get 1)))
  (func $write (param i32 i32 i32) (result i32)
    (call $vector (local.get 1) (local.get 2)) (call $fd_write (local.get 0) #32 #1 #40))
  (func $print (param i32)
    (call $vector #4096 #1000)
    (drop (call $fd_read (local.get 0) #32 #1 #40)) (call $show #4096 (i32.load #40)))`;

export const program = (body: string): string => guest(body, { wasi: true, fields: FIELDS });

/** Performs the calls in turn, and shows the error number of each as a byte. */
export const statuses = (...calls: readonly string[]): string =>
  `${calls.map((call, at) => `(i32.store8 #${STATUSES + at} ${call})`).join('\n')}
   (call $show #${STATUSES} #${calls.length})`;

interface FileCase {
  readonly about: string;
  readonly sentence: string;
  readonly calls: readonly (readonly [call: string, errno: number])[];
  readonly given?: () => CaseOptions;
}

/** A case whose calls return the error numbers. */
export function fileCase({
  about,
  sentence,
  calls,
  given: how = given(),
}: FileCase): ConformanceCase {
  return {
    about,
    sentence,
    guest: program(statuses(...calls.map(([call]) => call))),
    given: how,
    wants: { output: Uint8Array.from(calls.map(([, errno]) => errno)) },
  };
}
