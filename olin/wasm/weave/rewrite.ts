/** Rewrites the sections that refer to functions, whose indices change when imports are added. */
import { InputError } from '../../errors.ts';
import { OP } from '../format/actions.ts';
import { readOpcode, skipImmediates } from '../format/expression.ts';
import { Reader } from '../format/read.ts';
import { readGlobalType, readTableType, readValueType } from '../format/types.ts';
import { Writer } from '../format/write.ts';

export interface Shift {
  /** Functions before this index keep their index. */
  readonly from: number;
  readonly by: number;
  /** Number of functions and globals in the original module; it must not refer to added ones. */
  readonly functions: number;
  readonly globals: number;
}

export function shifted(reader: Reader, shift: Shift): number {
  const start = reader.at;
  const index = reader.u32();
  if (index >= shift.functions) throw reader.malformed('a function that does not exist', start);
  return index < shift.from ? index : index + shift.by;
}

const END = 0x0b;

/** Rewrites a constant expression, including its `end`. */
export function rewriteExpression(reader: Reader, out: Writer, shift: Shift): void {
  for (;;) {
    const start = reader.at;
    const opcode = readOpcode(reader);
    if (opcode === OP.refFunc) {
      out.u8(reader.bytes[start] ?? 0);
      out.u32(shifted(reader, shift));
      continue;
    }
    if (opcode !== END) skipImmediates(reader, opcode);
    out.copy(reader.bytes, start, reader.at);
    if (opcode === END) return;
  }
}

/** Copies the bytes that `read` consumes. */
function copy(reader: Reader, out: Writer, read: (reader: Reader) => unknown): void {
  const start = reader.at;
  read(reader);
  out.copy(reader.bytes, start, reader.at);
}

function rewriteFunctions(reader: Reader, out: Writer, shift: Shift): number {
  const count = reader.count('functions');
  out.u32(count);
  for (let rest = count; rest > 0; rest--) out.u32(shifted(reader, shift));
  return count;
}

/** Segment flag bits: passive or declarative; explicit table index, or declarative; elements are expressions. */
const NOT_ACTIVE = 1;
const EXPLICIT = 2;
const EXPRESSIONS = 4;

/** Returns the number of elements. */
function rewriteSegment(reader: Reader, out: Writer, shift: Shift): number {
  const start = reader.at;
  const flags = reader.u32();
  if (flags > 7) throw reader.malformed('an unknown kind of element segment', start);
  out.u32(flags);
  if ((flags & NOT_ACTIVE) === 0) {
    if ((flags & EXPLICIT) !== 0) copy(reader, out, (from) => from.u32());
    rewriteExpression(reader, out, shift);
  }
  const expressions = (flags & EXPRESSIONS) !== 0;
  if ((flags & (NOT_ACTIVE | EXPLICIT)) !== 0) {
    copy(reader, out, expressions ? readValueType : (from) => from.u8());
  }
  if (!expressions) return rewriteFunctions(reader, out, shift);
  const count = reader.count('elements');
  out.u32(count);
  for (let rest = count; rest > 0; rest--) rewriteExpression(reader, out, shift);
  return count;
}

/**
 * Maximum number of elements in all segments. Instantiation writes them into tables before any gas is charged, at about
 * 40 ns each.
 */
const MAX_SEGMENT_ELEMENTS = 262_144;

function rewriteTable(reader: Reader, out: Writer, shift: Shift): void {
  const initialised = reader.bytes[reader.at] === 0x40;
  if (initialised) copy(reader, out, (from) => from.skip(2));
  copy(reader, out, readTableType);
  if (initialised) rewriteExpression(reader, out, shift);
}

function rewriteGlobal(reader: Reader, out: Writer, shift: Shift): void {
  copy(reader, out, readGlobalType);
  rewriteExpression(reader, out, shift);
}

/** Export kinds. */
const FUNCTION = 0;
const GLOBAL = 3;

function rewriteExport(reader: Reader, out: Writer, shift: Shift): void {
  copy(reader, out, (from) => from.skip(from.length('a name')));
  const kind = reader.u8();
  out.u8(kind);
  if (kind === FUNCTION) {
    out.u32(shifted(reader, shift));
    return;
  }
  const start = reader.at;
  const index = reader.u32();
  if (kind === GLOBAL && index >= shift.globals) {
    throw reader.malformed('an exported global that does not exist', start);
  }
  out.u32(index);
}

/** Copies a vector, rewriting each item with `item`, and appends `added`. */
function rewriteItems(
  reader: Reader,
  shift: Shift,
  item: (reader: Reader, out: Writer, shift: Shift) => void,
  added: readonly Writer[],
): Writer {
  const out = new Writer(reader.end - reader.at + 64);
  const count = reader.done ? 0 : reader.count('items');
  out.u32(count + added.length);
  for (let rest = count; rest > 0; rest--) item(reader, out, shift);
  if (!reader.done) throw reader.malformed('a section is longer than what is in it');
  for (const extra of added) out.append(extra);
  return out;
}

type Rewrite = (reader: Reader, shift: Shift, added: readonly Writer[]) => Writer;

export const rewriteElements: Rewrite = (reader, shift) => {
  let elements = 0;
  const item = (from: Reader, out: Writer): void => {
    elements += rewriteSegment(from, out, shift);
    if (elements > MAX_SEGMENT_ELEMENTS) {
      throw new InputError(
        'unsupported-feature',
        `The module fills its tables with more than ${MAX_SEGMENT_ELEMENTS} elements at its start. Use fewer function pointers.`,
      );
    }
  };
  return rewriteItems(reader, shift, item, []);
};
export const rewriteTables: Rewrite = (reader, shift) =>
  rewriteItems(reader, shift, rewriteTable, []);
export const rewriteGlobals: Rewrite = (reader, shift, added) =>
  rewriteItems(reader, shift, rewriteGlobal, added);
export const rewriteExports: Rewrite = (reader, shift, added) =>
  rewriteItems(reader, shift, rewriteExport, added);

/** Copies a vector unchanged and appends `added`. */
export const appendItems: Rewrite = (reader, _shift, added) => {
  const out = new Writer(reader.end - reader.at + 64);
  const count = reader.done ? 0 : reader.u32();
  out.u32(count + added.length);
  out.copy(reader.bytes, reader.at, reader.end);
  for (const extra of added) out.append(extra);
  return out;
};
