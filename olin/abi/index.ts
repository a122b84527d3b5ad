/** The ABI: all namespaces, and the functions by imported name. */
import type { AbiFunction, Namespace } from './declare.ts';
import { env } from './env.ts';
import { io } from './io.ts';
import { log } from './log.ts';
import { random } from './random.ts';
import { resource } from './resource.ts';
import { runtime } from './runtime.ts';
import { startup } from './startup.ts';
import { time } from './time.ts';
import { WASI_FUNCTIONS, WASI_MODULE } from './wasi/index.ts';

export const NAMESPACES: readonly Namespace[] = [
  env,
  io,
  log,
  random,
  resource,
  runtime,
  startup,
  time,
];

/** Import modules that provide the functions. */
export const IMPORT_MODULES: readonly string[] = ['cwa', 'env'];

/** By imported name, such as `resource_open`. */
export const FUNCTIONS: ReadonlyMap<string, AbiFunction> = new Map(
  NAMESPACES.flatMap((namespace) =>
    namespace.functions.map((fn) => [`${namespace.name}_${fn.name}`, fn] as const),
  ),
);

/** Returns an imported function, or undefined if the runtime does not provide it. */
export function findFunction(module: string, name: string): AbiFunction | undefined {
  if (module === WASI_MODULE) return WASI_FUNCTIONS.get(name);
  return IMPORT_MODULES.includes(module) ? FUNCTIONS.get(name) : undefined;
}
