/** Lets a module start at another export than `_start`. */
import { InputError } from '../errors.ts';
import { shorten, MAX_SHOWN_NAME } from '../shorten.ts';
import { skipConstantExpression } from '../wasm/format/expression.ts';
import { readModule } from '../wasm/format/module.ts';
import { SECTION } from '../wasm/format/sections.ts';
import { Writer } from '../wasm/format/write.ts';

/** The export where the runtime begins. */
export const ENTRY = '_start';

const KINDS = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/**
 * Returns a module that exports the function `entry` as `_start` too, instead of what it exported by that name. Throws an
 * InputError if the bytes are no module, or export no such function.
 */
export function startAt(bytes: Uint8Array<ArrayBuffer>, entry: string): Uint8Array<ArrayBuffer> {
  if (entry === ENTRY) return bytes;
  const { sections, exports } = readModule(bytes, skipConstantExpression);
  const found = exports.find(({ kind, name }) => kind === 'function' && name === entry);
  const section = sections.find(({ id }) => id === SECTION.export);
  if (found === undefined || section === undefined) throw noEntry(entry, exports);
  const all = [
    ...exports.filter(({ name }) => name !== ENTRY),
    { name: ENTRY, kind: 'function', index: found.index } as const,
  ];
  const contents = new Writer();
  contents.u32(all.length);
  for (const { name, kind, index } of all) {
    contents.name(name);
    contents.u8(KINDS[kind]);
    contents.u32(index);
  }
  const whole = new Writer(bytes.length + 64);
  // Sections follow each other without gaps; `start` is after their id and size.
  let from = 8;
  whole.copy(bytes, 0, from);
  for (const each of sections) {
    if (each === section) {
      whole.u8(SECTION.export);
      whole.sized(contents);
    } else whole.copy(bytes, from, each.end);
    from = each.end;
  }
  return whole.take();
}

function noEntry(
  entry: string,
  exports: readonly { readonly kind: string; readonly name: string }[],
): InputError {
  const names = exports.filter(({ kind }) => kind === 'function').map(({ name }) => name);
  const shown = names.slice(0, 8).map((name) => shorten(name, MAX_SHOWN_NAME));
  return new InputError(
    'no-start',
    `The module has no function ${shorten(entry, MAX_SHOWN_NAME)} to start at: ${names.length === 0 ? 'it exports none' : `it exports ${shown.join(', ')}`}. Name one that takes nothing.`,
  );
}
