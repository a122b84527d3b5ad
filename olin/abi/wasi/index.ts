/**
 * WASI preview 1, for programs that use standard input and output: arguments, environment, clock, random numbers, sleep,
 * and the three standard descriptors. There are no files or sockets; functions for them can be imported and return an
 * error number. The module may also import the ABI, for example to open URLs.
 *
 * Source: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
import type { AbiFunction } from '../declare.ts';
import { absent } from './absent.ts';
import { descriptors } from './descriptors.ts';
import { waiting } from './poll.ts';
import { program } from './program.ts';

/** The import module of the functions. */
export const WASI_MODULE = 'wasi_snapshot_preview1';

/** Names of the functions that only return an error number. */
export const UNSUPPORTED_WASI: ReadonlySet<string> = new Set([
  ...absent.map(({ name }) => name),
  'proc_raise',
]);

/** By imported name. */
export const WASI_FUNCTIONS: ReadonlyMap<string, AbiFunction> = new Map(
  [...program, ...descriptors, ...waiting, ...absent].map((fn) => [fn.name, fn]),
);
