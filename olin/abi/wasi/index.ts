/**
 * WASI preview 1: arguments, environment, clock, random numbers, sleep, the three standard descriptors, and the files of
 * the directories that a run is given, by default none. There are no sockets; functions for them can be imported and
 * return an error number. The module may also import the ABI, for example to open URLs.
 *
 * Source: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
import type { AbiFunction } from '../declare.ts';
import { descriptors } from './descriptors.ts';
import { waiting } from './poll.ts';
import { paths } from './paths.ts';
import { program } from './program.ts';
import { sockets } from './sockets.ts';
import { streams } from './streams.ts';

/** The import module of the functions. */
export const WASI_MODULE = 'wasi_snapshot_preview1';

/** Names of the functions that only return an error number. */
export const UNSUPPORTED_WASI: ReadonlySet<string> = new Set([
  ...sockets.map(({ name }) => name),
  'fd_allocate',
  'fd_fdstat_set_rights',
  'proc_raise',
]);

/** By imported name. */
export const WASI_FUNCTIONS: ReadonlyMap<string, AbiFunction> = new Map(
  [...program, ...streams, ...descriptors, ...paths, ...waiting, ...sockets].map((fn) => [
    fn.name,
    fn,
  ]),
);
