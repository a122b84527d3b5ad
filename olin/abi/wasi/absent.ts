/** Functions for files, directories and sockets, which do not exist. Programs may import them; calls return an error. */
import type { OpenFile } from '../../files/open-files.ts';
import { declare, type AbiFunction, type Param } from '../declare.ts';
import { ERRNO } from './errno.ts';
import { fd, status } from './wire.ts';

/** The error for a standard stream: the same for both directions, or one for each. */
type ErrorOfStream = ErrorName | Readonly<Record<OpenFile['kind'], ErrorName>>;
type ErrorName = keyof typeof ERRNO;

/** In a signature, `i` is a 32-bit and `I` a 64-bit number. */
const SIGNATURES: readonly (readonly [name: string, params: string, error: ErrorOfStream])[] = [
  ['fd_advise', 'iIIi', 'badf'],
  ['fd_allocate', 'iII', 'badf'],
  ['fd_datasync', 'i', 'badf'],
  ['fd_fdstat_set_rights', 'iII', 'badf'],
  ['fd_filestat_set_size', 'iI', 'badf'],
  ['fd_filestat_set_times', 'iIIi', 'badf'],
  ['fd_pread', 'iiiIi', { input: 'spipe', output: 'badf' }],
  ['fd_prestat_dir_name', 'iii', 'badf'],
  ['fd_prestat_get', 'ii', 'badf'],
  ['fd_pwrite', 'iiiIi', { input: 'badf', output: 'spipe' }],
  ['fd_readdir', 'iiiIi', 'badf'],
  ['fd_seek', 'iIii', 'spipe'],
  ['fd_sync', 'i', 'badf'],
  ['fd_tell', 'ii', 'spipe'],
  ['path_create_directory', 'iii', 'badf'],
  ['path_filestat_get', 'iiiii', 'badf'],
  ['path_filestat_set_times', 'iiiiIIi', 'badf'],
  ['path_link', 'iiiiiii', 'badf'],
  ['path_open', 'iiiiiIIii', 'badf'],
  ['path_readlink', 'iiiiii', 'badf'],
  ['path_remove_directory', 'iii', 'badf'],
  ['path_rename', 'iiiiii', 'badf'],
  ['path_symlink', 'iiiii', 'badf'],
  ['path_unlink_file', 'iii', 'badf'],
  ['sock_accept', 'iii', 'notsock'],
  ['sock_recv', 'iiiiii', 'notsock'],
  ['sock_send', 'iiiii', 'notsock'],
  ['sock_shutdown', 'ii', 'notsock'],
];

export const absent: readonly AbiFunction[] = SIGNATURES.map(([name, params, error]) =>
  declare({
    name,
    doc: 'Returns an error number: there are no files, directories or sockets.',
    params: [
      fd,
      ...Array.from(params.slice(1), (letter, i): Param => ({
        name: `p${i + 1}`,
        type: letter === 'I' ? 'u64' : 'u32',
        doc: 'ignored',
      })),
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd) => {
      const kind = process.files.get(fd)?.kind;
      if (kind === undefined) return ERRNO.badf;
      return ERRNO[typeof error === 'string' ? error : error[kind]];
    },
  }),
);
