/** Rewrites the name section, so that functions keep their names when their indices change. */
import { MAX_SHOWN_NAME } from '../../shorten.ts';
import type { Shift } from './rewrite.ts';

import { Reader } from '../format/read.ts';
import { Writer } from '../format/write.ts';

const FUNCTIONS = 1;
const LOCALS = 2;
/** Label names are dropped: labels are numbered in code order, and woven code adds its own. */
const LABELS = 3;

type Added = ReadonlyMap<number, string>;

function moved(index: number, shift: Shift): number {
  return index < shift.from ? index : index + shift.by;
}

function writeAdded(out: Writer, added: Iterable<readonly [number, string]>): void {
  for (const [index, name] of added) {
    out.u32(index);
    out.name(name);
  }
}

/** Truncates a name at a UTF-8 character boundary. */
function cutName(name: Uint8Array): Uint8Array {
  if (name.length <= MAX_SHOWN_NAME) return name;
  let end = MAX_SHOWN_NAME;
  while (end > 0 && ((name[end] ?? 0) & 0xc0) === 0x80) end--;
  return name.subarray(0, end);
}

/** Writes the function names in index order, including those of added functions. */
function renameFunctions(reader: Reader, shift: Shift, added: Added): Writer {
  const out = new Writer(reader.end - reader.at + 64);
  const count = reader.count('names');
  out.u32(count + added.size);
  const inside = [...added].filter(([index]) => index < shift.functions + shift.by);
  const after = [...added].filter(([index]) => index >= shift.functions + shift.by);
  let written = false;
  for (let rest = count; rest > 0; rest--) {
    const index = reader.u32();
    if (index >= shift.from && !written) {
      writeAdded(out, inside);
      written = true;
    }
    out.u32(moved(index, shift));
    // Engines write names into every stack trace, so a long name costs once per frame.
    const length = reader.length('a name');
    const kept = cutName(reader.bytes.subarray(reader.at, reader.at + length));
    reader.skip(length);
    out.u32(kept.length);
    out.copy(kept, 0, kept.length);
  }
  if (!written) writeAdded(out, inside);
  writeAdded(out, after);
  return out;
}

function renameLocals(reader: Reader, shift: Shift): Writer {
  const out = new Writer(reader.end - reader.at + 64);
  const count = reader.count('functions');
  out.u32(count);
  for (let rest = count; rest > 0; rest--) {
    out.u32(moved(reader.u32(), shift));
    const start = reader.at;
    for (let names = reader.count('names'); names > 0; names--) {
      reader.u32();
      reader.skip(reader.length('a name'));
    }
    out.copy(reader.bytes, start, reader.at);
  }
  return out;
}

/** Returns the new contents, or undefined if the section is malformed. */
export function renameSection(reader: Reader, shift: Shift, added: Added): Writer | undefined {
  const out = new Writer(reader.end - reader.at + 64);
  try {
    while (!reader.done) {
      const id = reader.u8();
      const length = reader.length('a list of names');
      const inner = new Reader(reader.bytes, reader.at, reader.at + length);
      reader.skip(length);
      if (id === LABELS) continue;
      out.u8(id);
      if (id === FUNCTIONS) out.sized(renameFunctions(inner, shift, added));
      else if (id === LOCALS) out.sized(renameLocals(inner, shift));
      else {
        const same = new Writer(length);
        same.copy(inner.bytes, inner.at, inner.end);
        out.sized(same);
      }
    }
  } catch {
    return undefined;
  }
  return out;
}
