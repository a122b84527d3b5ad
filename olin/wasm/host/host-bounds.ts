/** What a module may declare: each of these takes time or memory of the host before the guest has paid for anything. */
import type { Module } from '../format/module.ts';
import type { ValueText } from '../format/types.ts';

import { InputError } from '../../errors.ts';
import { signatureOf } from '../format/module.ts';

/** Each reserves some gigabytes of addresses, of which a process has 128 terabytes. */
const MAX_MEMORIES = 8;
/** Each takes 2 to 3 microseconds of every new instance. */
const MAX_EXPORTS = 4096;
const MAX_IMPORTS = 4096;
/** Each takes up to 16 bytes of every instance. */
const MAX_GLOBALS = 65_536;
/** What an exception carries; the engine keeps about four times as much in its heap. */
const MAX_TAG_BYTES = 64;

/** Bytes by type; references take 8. */
const BYTES: Readonly<Record<ValueText, number>> = { i32: 4, f32: 4, i64: 8, f64: 8, v128: 16 };

/** `exnref`, `nullexnref`, `(ref exn)` and the like. */
const isException = (value: ValueText): boolean => value.includes('exn');

/** Throws {@link InputError} `unsupported-feature` for what is past a bound, or cannot be bounded. */
export function checkHostBounds(module: Module): void {
  const { memories, exports, imports, globals } = module;
  if (memories.length > MAX_MEMORIES) {
    throw refuse(
      `has ${memories.length} memories, and at most ${MAX_MEMORIES} are allowed. Put the data into fewer memories.`,
    );
  }
  if (exports.length > MAX_EXPORTS) {
    throw refuse(
      `has ${exports.length} exports, and at most ${MAX_EXPORTS} are allowed. Export only what is called from outside: _start.`,
    );
  }
  if (imports.length > MAX_IMPORTS) {
    throw refuse(
      `has ${imports.length} imports, and at most ${MAX_IMPORTS} are allowed. Import each function once.`,
    );
  }
  if (globals.length > MAX_GLOBALS) {
    throw refuse(
      `has ${globals.length} globals, and at most ${MAX_GLOBALS} are allowed. Keep the data in memory.`,
    );
  }
  // One that is kept keeps the one it carries: a chain in the engine's heap, which no limit of a run sees.
  if (
    module.globals.some(({ value }) => isException(value)) ||
    module.tables.some(({ element }) => isException(element))
  ) {
    throw refuse('keeps exceptions (exnref) in globals or tables. Keep them in locals.');
  }
  for (const typeIndex of module.tags) {
    const params = signatureOf(module, typeIndex)?.params ?? [];
    if (params.some(isException)) {
      throw refuse('has exceptions that carry exceptions (exnref). Let them carry numbers.');
    }
    const bytes = params.reduce((sum, value) => sum + (BYTES[value] ?? 8), 0);
    if (bytes > MAX_TAG_BYTES) {
      throw refuse(
        `has an exception that carries ${bytes} bytes, and at most ${MAX_TAG_BYTES} are allowed. Let it carry an address in memory.`,
      );
    }
  }
}

function refuse(what: string): InputError {
  return new InputError('unsupported-feature', `The module ${what}`);
}
