/** Skips constant expressions and the immediates of instructions. */
import { IMMEDIATES } from './instructions.ts';
import { instructionName, KIND_OF, slotOf } from './opcodes.ts';
import type { Immediates } from './instructions.ts';
import type { Reader } from './read.ts';

import { readHeapType, readTypeIndex, readValueType } from './types.ts';

const FIRST_PREFIX = 0xfb;
const LAST_PREFIX = 0xfe;

/** Reads an opcode with its prefix. Returns its slot in the opcode table. */
export function readOpcode(reader: Reader): number {
  const byte = reader.u8();
  return byte < FIRST_PREFIX || byte > LAST_PREFIX ? byte : slotOf(byte, reader.u32());
}

/** A block type: none, one value type, or the index of a function type. */
export function skipBlockType(reader: Reader): void {
  const byte = reader.bytes[reader.at] ?? 0;
  if (byte === 0x40) reader.skip(1);
  else if (byte > 0x40 && byte < 0x80) readValueType(reader);
  else {
    const start = reader.at;
    const index = reader.s33();
    if (index < 0 || index >= reader.types) {
      throw reader.malformed(`a block of an unknown type (${index})`, start);
    }
  }
}

/** Skips alignment (bit 6: a memory index follows) and offset. Returns the memory index. */
export function skipMemoryArgument(reader: Reader): number {
  const flags = reader.u32();
  const memory = (flags & 0x40) !== 0 ? reader.u32() : 0;
  reader.skipLeb(10);
  return memory;
}

/** Skips one clause of try_table. Returns its label. */
export function skipCatch(reader: Reader): number {
  const start = reader.at;
  const kind = reader.u8();
  if (kind > 3) throw reader.malformed('an unknown kind of catch', start);
  if (kind < 2) reader.u32();
  return reader.u32();
}

const SKIP: Readonly<Record<Immediates, (reader: Reader) => void>> = {
  none: () => {},
  block: skipBlockType,
  catches: (reader) => {
    skipBlockType(reader);
    for (let count = reader.count('catches'); count > 0; count--) skipCatch(reader);
  },
  label: (reader) => reader.u32(),
  labels: (reader) => {
    for (let count = reader.count('labels'); count >= 0; count--) reader.u32();
  },
  index: (reader) => reader.u32(),
  type: readTypeIndex,
  function: (reader) => reader.u32(),
  indirect: (reader) => {
    readTypeIndex(reader);
    reader.u32();
  },
  local: (reader) => reader.u32(),
  global: (reader) => reader.u32(),
  memory: (reader) => reader.u32(),
  memories: skipTwo,
  two: skipTwo,
  types: (reader) => {
    for (let count = reader.count('types'); count > 0; count--) readValueType(reader);
  },
  memarg: skipMemoryArgument,
  'memarg-lane': (reader) => {
    skipMemoryArgument(reader);
    reader.skip(1);
  },
  i32: (reader) => reader.skipLeb(5),
  i64: (reader) => reader.skipLeb(10),
  'bytes-1': (reader) => reader.skip(1),
  'bytes-4': (reader) => reader.skip(4),
  'bytes-8': (reader) => reader.skip(8),
  'bytes-16': (reader) => reader.skip(16),
  heap: readHeapType,
  'cast-branch': (reader) => {
    reader.skip(1);
    reader.u32();
    readHeapType(reader);
    readHeapType(reader);
  },
  'data-memory': skipTwo,
};

function skipTwo(reader: Reader): void {
  reader.u32();
  reader.u32();
}

/** How to skip immediates, by kind (see {@link KIND_OF}). */
const SKIPPERS = IMMEDIATES.map((kind) => SKIP[kind]);

export function skipImmediates(reader: Reader, slot: number): void {
  const skip = SKIPPERS[(KIND_OF[slot] ?? 0) - 1];
  if (skip === undefined) throw reader.unsupported(instructionName(slot));
  skip(reader);
}

const END = 0x0b;

/** Skips a constant expression and its `end`. */
export function skipConstantExpression(reader: Reader): void {
  for (;;) {
    const slot = readOpcode(reader);
    if (slot === END) return;
    skipImmediates(reader, slot);
  }
}
