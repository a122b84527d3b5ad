/** Removes what only a debugger reads, which can be most of a module. */
import { readSections } from '../wasm/format/sections.ts';
import { Writer } from '../wasm/format/write.ts';

/** DWARF, in the module or in another file, and the place of a source map. */
const DEBUG = /^(?:reloc\.)?\.debug_|^external_debug_info$|^sourceMappingURL$/;

/**
 * Returns the module without debug sections; the names of functions stay, which backtraces show. Throws an InputError if
 * the bytes are no module.
 */
export function dropDebugSections(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const sections = readSections(bytes);
  const isDebug = ({ name }: { readonly name?: string }): boolean =>
    name !== undefined && DEBUG.test(name);
  if (!sections.some(isDebug)) return bytes;
  const kept = new Writer(bytes.length);
  kept.copy(bytes, 0, 8);
  let from = 8;
  for (const section of sections) {
    if (!isDebug(section)) kept.copy(bytes, from, section.end);
    from = section.end;
  }
  return kept.take();
}
