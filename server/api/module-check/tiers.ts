/** Compiles a module completely with one of the engine's compilers, which otherwise compiles lazily. */
import { setFlagsFromString } from 'node:v8';
import { keepHeaviest } from './heaviest.ts';
import type { CompilerTier } from './messages.ts';

/**
 * Set when needed instead of on the command line, where they would also apply to Node's own modules, whose compilation
 * would take ten seconds. Both sets name the same flags, so that one overrides the other.
 */
const FLAGS: Readonly<Record<CompilerTier, readonly string[]>> = {
  liftoff: ['--liftoff', '--liftoff-only'],
  turbofan: ['--no-liftoff-only', '--no-liftoff'],
};
const COMMON = [
  '--no-wasm-lazy-compilation',
  // Dynamic tiering relies on counters of the baseline compiler, which does not run here first.
  '--no-wasm-dynamic-tiering',
  '--no-wasm-inlining',
  '--no-wasm-inlining-call-indirect',
];

/** Throws a CompileError if the module is not valid. May take any time and memory, or end the process. */
export function compileWith(tier: CompilerTier, module: Uint8Array<ArrayBuffer>): void {
  for (const flag of [...COMMON, ...FLAGS[tier]]) setFlagsFromString(flag);
  const left = tier === 'turbofan' ? keepHeaviest(module) : module;
  // A custom section with the compiler's name, because the engine caches compiled modules by their bytes.
  const name = Buffer.from(tier);
  const bytes = Buffer.concat([left, Uint8Array.of(0, name.length + 1, name.length), name]);
  void new WebAssembly.Module(Uint8Array.from(bytes));
}
