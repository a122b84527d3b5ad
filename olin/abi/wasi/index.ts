/**
 * WASI preview 1, as far as a program of standard input and output needs it: arguments, environment, clock, random
 * numbers, sleeping, and the three standard descriptors. There are no files and no sockets behind it; what asks for
 * them is told so by an error number, so that programs link that might. The module may import the ABI beside it, and
 * open URLs by that.
 *
 * Source: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
import type { AbiFunction } from '../declare.ts';
import { absent } from './absent.ts';
import { descriptors } from './descriptors.ts';
import { waiting } from './poll.ts';
import { program } from './program.ts';

/** The module that the functions are imported from. */
export const WASI_MODULE = 'wasi_snapshot_preview1';

/** By imported name. */
export const WASI_FUNCTIONS: ReadonlyMap<string, AbiFunction> = new Map(
  [...program, ...descriptors, ...waiting, ...absent].map((fn) => [fn.name, fn]),
);
