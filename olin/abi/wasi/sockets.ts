/** Functions for sockets, which do not exist. Programs may import them; calls return an error number. */
import { declare, type AbiFunction, type Param } from '../declare.ts';
import { ERRNO } from './errno.ts';
import { fd, status } from './wire.ts';

/** The number of 32-bit parameters after the descriptor. */
const FUNCTIONS: readonly (readonly [name: string, others: number])[] = [
  ['sock_accept', 2],
  ['sock_recv', 5],
  ['sock_send', 4],
  ['sock_shutdown', 1],
];

export const sockets: readonly AbiFunction[] = FUNCTIONS.map(([name, others]) =>
  declare({
    name,
    doc: 'Returns the error number `notsock`, or `badf` if the descriptor is not open: there are no sockets.',
    params: [
      fd,
      ...Array.from({ length: others }, (_, at): Param => ({
        name: `p${at + 1}`,
        type: 'u32',
        doc: 'ignored',
      })),
    ],
    result: status,
    errors: [],
    blocks: false,
    body: (process, fd) => (process.files.get(fd) === undefined ? ERRNO.badf : ERRNO.notsock),
  }),
);
