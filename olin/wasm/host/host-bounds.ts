/** Limits on what a module may declare: each item takes host time or memory before the guest is charged for anything. */
import type { Module } from '../format/module.ts';
import type { ValueText } from '../format/types.ts';

import { InputError } from '../../errors.ts';
import { signatureOf } from '../format/module.ts';

/** Each reserves several GiB of address space; a process has 128 TiB. */
const MAX_MEMORIES = 8;
/** Each adds 2 to 3 µs to every instantiation. */
const MAX_EXPORTS = 4096;
const MAX_IMPORTS = 4096;
/** Each takes up to 16 bytes in every instance. */
const MAX_GLOBALS = 65_536;
/** Payload of an exception; the engine uses about four times as much of its heap. */
const MAX_TAG_BYTES = 64;

/** Size in bytes by type; references take 8. */
const BYTES: Readonly<Record<ValueText, number>> = { i32: 4, f32: 4, i64: 8, f64: 8, v128: 16 };

/** `exnref`, `nullexnref`, `(ref exn)` and the like. */
const isException = (value: ValueText): boolean => value.includes('exn');

/** Throws {@link InputError} `unsupported-feature` if the module exceeds a limit, or cannot be limited. */
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
  // A stored exception can carry another one: a chain in the engine's heap that no limit of a run accounts for.
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
