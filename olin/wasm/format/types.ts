/** Types of the WebAssembly binary format, and their notation in the text format. */
import type { Reader } from './read.ts';
import type { Writer } from './write.ts';

/** A value type as text: `i32`, `funcref`, `(ref null 3)`. */
export type ValueText = string;

const PLAIN: Readonly<Record<number, string>> = {
  0x7f: 'i32',
  0x7e: 'i64',
  0x7d: 'f32',
  0x7c: 'f64',
  0x7b: 'v128',
};

/** Abstract heap types by byte: the heap type, and the short notation of the nullable reference to it. */
const HEAP: Readonly<Record<number, readonly [heap: string, nullable: string]>> = {
  0x74: ['noexn', 'nullexnref'],
  0x73: ['nofunc', 'nullfuncref'],
  0x72: ['noextern', 'nullexternref'],
  0x71: ['none', 'nullref'],
  0x70: ['func', 'funcref'],
  0x6f: ['extern', 'externref'],
  0x6e: ['any', 'anyref'],
  0x6d: ['eq', 'eqref'],
  0x6c: ['i31', 'i31ref'],
  0x6b: ['struct', 'structref'],
  0x6a: ['array', 'arrayref'],
  0x69: ['exn', 'exnref'],
};

const SHARED = 0x65;
const REF = 0x64;
const REF_NULL = 0x63;

/** Reads a type index and checks it against the number of types, if the reader knows it. */
export function readTypeIndex(reader: Reader): number {
  const start = reader.at;
  const index = reader.u32();
  if (index >= reader.types) {
    throw reader.malformed(`a type that does not exist (${index})`, start);
  }
  return index;
}

export function readHeapType(reader: Reader): string {
  const start = reader.at;
  if (reader.bytes[start] === SHARED) throw reader.unsupported('shared references');
  const value = reader.s33();
  if (value >= reader.types) throw reader.malformed(`a type that does not exist (${value})`, start);
  if (value >= 0) return String(value);
  const known = HEAP[value + 0x80];
  if (known === undefined) throw reader.malformed('an unknown reference type', start);
  return known[0];
}

export function readValueType(reader: Reader): ValueText {
  const start = reader.at;
  const byte = reader.u8();
  const plain = PLAIN[byte];
  if (plain !== undefined) return plain;
  if (byte === REF) return `(ref ${readHeapType(reader)})`;
  if (byte === REF_NULL) return `(ref null ${readHeapType(reader)})`;
  const known = HEAP[byte];
  if (known !== undefined) return known[1];
  throw reader.malformed('an unknown value type', start);
}

/** Encoding of each short notation. */
const CODES: ReadonlyMap<ValueText, number> = new Map([
  ...Object.entries(PLAIN).map(([code, text]) => [text, Number(code)] as const),
  ...Object.entries(HEAP).map(([code, [, nullable]]) => [nullable, Number(code)] as const),
]);

const HEAP_CODES: ReadonlyMap<string, number> = new Map(
  Object.entries(HEAP).map(([code, [heap]]) => [heap, Number(code)]),
);

/** Writes what {@link readValueType} read. */
export function writeValueType(out: Writer, text: ValueText): void {
  const plain = CODES.get(text);
  if (plain !== undefined) {
    out.u8(plain);
    return;
  }
  const [, isNullable, heap = ''] = /^\(ref( null)? (.*)\)$/.exec(text) ?? [];
  out.u8(isNullable === undefined ? REF : REF_NULL);
  const known = HEAP_CODES.get(heap);
  if (known === undefined) out.signed(Number(heap));
  else out.u8(known);
}

export interface FunctionType {
  readonly kind: 'function';
  readonly params: readonly ValueText[];
  readonly results: readonly ValueText[];
}

/** The contents of struct and array types are not kept: no import or export needs them. */
export type DefinedType = FunctionType | { readonly kind: 'struct' | 'array' };

function readValueTypes(reader: Reader): ValueText[] {
  const types: ValueText[] = [];
  for (let count = reader.count('types'); count > 0; count--) types.push(readValueType(reader));
  return types;
}

function readField(reader: Reader): void {
  const byte = reader.bytes[reader.at];
  // Packed fields: i8 and i16.
  if (byte === 0x78 || byte === 0x77) reader.skip(1);
  else readValueType(reader);
  reader.skip(1);
}

function readDefinedType(reader: Reader): DefinedType {
  const start = reader.at;
  let form = reader.u8();
  if (form === 0x50 || form === 0x4f) {
    for (let count = reader.count('supertypes'); count > 0; count--) reader.u32();
    form = reader.u8();
  }
  switch (form) {
    case 0x60: {
      const params = readValueTypes(reader);
      return { kind: 'function', params, results: readValueTypes(reader) };
    }
    case 0x5f: {
      for (let count = reader.count('fields'); count > 0; count--) readField(reader);
      return { kind: 'struct' };
    }
    case 0x5e: {
      readField(reader);
      return { kind: 'array' };
    }
    case SHARED:
      throw reader.unsupported('shared types');
    case 0x4d:
    case 0x4c:
      throw reader.unsupported('custom descriptors');
    case 0x5d:
      throw reader.unsupported('stack switching (continuation types)');
    default:
      throw reader.malformed('an unknown type', start);
  }
}

/** Reads one entry of the type section: a type, or a recursion group of several. */
export function readRecursionGroup(reader: Reader, into: DefinedType[]): void {
  if (reader.bytes[reader.at] !== 0x4e) {
    into.push(readDefinedType(reader));
    return;
  }
  reader.skip(1);
  for (let count = reader.count('types'); count > 0; count--) into.push(readDefinedType(reader));
}

/** Limits of a memory (in pages) or a table (in elements). Values beyond 2^53 are rounded. */
export interface Bounds {
  readonly min: number;
  readonly max?: number;
  readonly is64: boolean;
  readonly shared: boolean;
}

export function readBounds(reader: Reader): Bounds {
  const start = reader.at;
  const flags = reader.u8();
  if ((flags & 0x08) !== 0 && flags < 0x10) throw reader.unsupported('custom page sizes');
  if (flags > 7) throw reader.malformed('unknown limits', start);
  const is64 = (flags & 4) !== 0;
  const shared = (flags & 2) !== 0;
  const read = () => (is64 ? Number(reader.u64()) : reader.u32());
  const min = read();
  if ((flags & 1) === 0) return { min, is64, shared };
  return { min, max: read(), is64, shared };
}

export interface TableType extends Bounds {
  readonly element: ValueText;
}

export function readTableType(reader: Reader): TableType {
  const element = readValueType(reader);
  return { element, ...readBounds(reader) };
}

export interface GlobalType {
  readonly value: ValueText;
  readonly mutable: boolean;
}

export function readGlobalType(reader: Reader): GlobalType {
  const value = readValueType(reader);
  const start = reader.at;
  const flags = reader.u8();
  if ((flags & 2) !== 0) throw reader.unsupported('shared globals');
  if (flags > 1) throw reader.malformed('a global is neither constant nor mutable', start);
  return { value, mutable: flags === 1 };
}

/** Formats a function type: `(i32, i32) -> i32`; no result is `()`. */
export function functionText(type: Pick<FunctionType, 'params' | 'results'>): string {
  const results = type.results.length === 1 ? type.results.join() : `(${type.results.join(', ')})`;
  return `(${type.params.join(', ')}) -> ${results}`;
}

/** @param unit a noun whose plural ends with s */
export function boundsText(bounds: Bounds, unit: string): string {
  const max = bounds.max === undefined ? 'no maximum' : `at most ${bounds.max}`;
  const bits = bounds.is64 ? ', 64-bit' : '';
  const units = bounds.min === 1 ? unit : `${unit}s`;
  return `${bounds.min} ${units}, ${max}${bits}${bounds.shared ? ', shared' : ''}`;
}
