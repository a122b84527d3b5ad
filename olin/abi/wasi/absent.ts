/** Functions for files, directories and sockets, which do not exist. Programs may import them; calls return an error. */
import { declare, type AbiFunction, type Param } from '../declare.ts';
import { ERRNO } from './errno.ts';
import { status } from './wire.ts';

/** In a signature, `i` is a 32-bit and `I` a 64-bit number. */
const SIGNATURES: readonly (readonly [name: string, params: string, error: keyof typeof ERRNO])[] =
  [
    ['fd_advise', 'iIIi', 'spipe'],
    ['fd_allocate', 'iII', 'badf'],
    ['fd_datasync', 'i', 'inval'],
    ['fd_fdstat_set_rights', 'iII', 'badf'],
    ['fd_filestat_set_size', 'iI', 'badf'],
    ['fd_filestat_set_times', 'iIIi', 'badf'],
    ['fd_pread', 'iiiIi', 'spipe'],
    ['fd_prestat_dir_name', 'iii', 'badf'],
    ['fd_prestat_get', 'ii', 'badf'],
    ['fd_pwrite', 'iiiIi', 'spipe'],
    ['fd_readdir', 'iiiIi', 'badf'],
    ['fd_renumber', 'ii', 'badf'],
    ['fd_seek', 'iIii', 'spipe'],
    ['fd_sync', 'i', 'inval'],
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
    ['sock_accept', 'iii', 'badf'],
    ['sock_recv', 'iiiiii', 'badf'],
    ['sock_send', 'iiiii', 'badf'],
    ['sock_shutdown', 'ii', 'badf'],
  ];

export const absent: readonly AbiFunction[] = SIGNATURES.map(([name, params, error]) =>
  declare({
    name,
    doc: 'Returns an error number: there are no files, directories or sockets.',
    params: Array.from(params, (letter, i): Param => ({
      name: i === 0 ? 'fd' : `p${i}`,
      type: letter === 'I' ? 'u64' : 'u32',
      doc: 'ignored',
    })),
    result: status,
    errors: [],
    blocks: false,
    body: () => ERRNO[error],
  }),
);
