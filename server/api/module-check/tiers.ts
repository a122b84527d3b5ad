/** Compiles a module by one compiler of the engine, all of it and at once, as nothing else does: V8 compiles lazily. */
import { setFlagsFromString } from 'node:v8';
import { keepHeaviest } from './heaviest.ts';
import type { Tier } from './messages.ts';

/**
 * Set when they are needed, not on the command line: Node has modules of its own, and would take ten seconds to compile
 * them so. Both sets name the same flags.
 */
const FLAGS: Readonly<Record<Tier, readonly string[]>> = {
  liftoff: ['--liftoff', '--liftoff-only'],
  turbofan: ['--no-liftoff-only', '--no-liftoff'],
};
const COMMON = [
  '--no-wasm-lazy-compilation',
  // What no first tier has counted cannot be looked up.
  '--no-wasm-dynamic-tiering',
  '--no-wasm-inlining',
  '--no-wasm-inlining-call-indirect',
];

/** Throws a CompileError if the module is not valid. May take any time and memory, or end the process. */
export function compileWith(tier: Tier, module: Uint8Array<ArrayBuffer>): void {
  for (const flag of [...COMMON, ...FLAGS[tier]]) setFlagsFromString(flag);
  const left = tier === 'turbofan' ? keepHeaviest(module) : module;
  // The engine finds a module that it has compiled by its bytes, and would not compile it again.
  const name = Buffer.from(tier);
  const bytes = Buffer.concat([left, Uint8Array.of(0, name.length + 1, name.length), name]);
  void new WebAssembly.Module(Uint8Array.from(bytes));
}
