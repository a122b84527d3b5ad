/** Writes the module that starts where the hook ended. */
import { skipConstantExpression } from '../wasm/format/expression.ts';
import type { Module } from '../wasm/format/module.ts';
import { Reader } from '../wasm/format/read.ts';
import { SECTION, type Section } from '../wasm/format/sections.ts';
import { SNAPSHOT_SECTION } from '../wasm/image/split.ts';
import { readBounds, readGlobalType } from '../wasm/format/types.ts';
import { Writer } from '../wasm/format/write.ts';
import type { Run } from './image.ts';

export interface MemoryImage {
  readonly bytes: Uint8Array;
  readonly runs: readonly Run[];
}

const PAGE_BYTES = 65_536;
const END = 0x0b;
const I32_CONST = 0x41;
const I64_CONST = 0x42;
const F32_CONST = 0x43;
const F64_CONST = 0x44;
/** Flags of a data segment. */
const ACTIVE = 0;
const ACTIVE_IN_MEMORY = 2;

/**
 * @param hook the export to drop
 * @param globals the values of the mutable globals, by index
 * @param memories what each memory contains
 */
export function writeSnapshot(
  module: Module,
  hook: string,
  globals: ReadonlyMap<number, number | bigint>,
  memories: readonly MemoryImage[],
): Uint8Array<ArrayBuffer> {
  const { bytes, sections } = module;
  const data = dataSection(module, memories);
  const out = new Writer(bytes.length + data.length + 1024);
  out.copy(bytes, 0, 8);
  const hasData = sections.some(({ id }) => id === SECTION.data);
  const writeData = (): void => {
    if (data.count === 0) return;
    out.u8(SECTION.data);
    out.sized(data.contents);
  };
  for (const section of sections) {
    const { id, start, end, name } = section;
    const reader = new Reader(bytes, start, end, module.types.length);
    if (id === SECTION.start || name === SNAPSHOT_SECTION) continue;
    if (id === SECTION.data) writeData();
    else {
      out.u8(id);
      if (id === SECTION.memory) out.sized(memorySection(reader, module, memories));
      else if (id === SECTION.global) out.sized(globalSection(reader, module, globals));
      else if (id === SECTION.export) out.sized(exportSection(reader, hook));
      else if (id === SECTION.dataCount) out.sized(countSection(data.count));
      else out.sized(copied(bytes, section, name));
    }
    // A hook has code, so there is a code section.
    if (id === SECTION.code && !hasData) writeData();
  }
  const mark = new Writer();
  mark.name(SNAPSHOT_SECTION);
  mark.u32(data.kept);
  out.u8(SECTION.custom);
  out.sized(mark);
  return out.take();
}

function copied(bytes: Uint8Array, { start, end }: Section, name: string | undefined): Writer {
  const section = new Writer(end - start + 16);
  if (name !== undefined) section.name(name);
  section.copy(bytes, start, end);
  return section;
}

function countSection(count: number): Writer {
  const section = new Writer(8);
  section.u32(count);
  return section;
}

function memorySection(
  reader: Reader,
  { importedMemories }: Module,
  memories: readonly MemoryImage[],
): Writer {
  const section = new Writer();
  const count = reader.count('memories');
  section.u32(count);
  for (let own = 0; own < count; own++) {
    const flags = reader.bytes[reader.at] ?? 0;
    const { max } = readBounds(reader);
    section.u8(flags);
    section.u64((memories[importedMemories + own]?.bytes.length ?? 0) / PAGE_BYTES);
    if (max !== undefined) section.u64(max);
  }
  return section;
}

function globalSection(
  reader: Reader,
  { importedGlobals }: Module,
  values: ReadonlyMap<number, number | bigint>,
): Writer {
  const section = new Writer(reader.end - reader.at + 64);
  const count = reader.count('globals');
  section.u32(count);
  for (let own = 0; own < count; own++) {
    const start = reader.at;
    const { value: type } = readGlobalType(reader);
    const afterType = reader.at;
    skipConstantExpression(reader);
    const value = values.get(importedGlobals + own);
    if (value === undefined) section.copy(reader.bytes, start, reader.at);
    else {
      section.copy(reader.bytes, start, afterType);
      constant(section, type, value);
    }
  }
  return section;
}

function constant(out: Writer, type: string, value: number | bigint): void {
  if (type === 'i32') {
    out.u8(I32_CONST);
    out.signed(Number(value));
  } else if (type === 'i64') {
    out.u8(I64_CONST);
    signed64(out, BigInt(value));
  } else {
    const bytes = new Uint8Array(type === 'f32' ? 4 : 8);
    const view = new DataView(bytes.buffer);
    // A NaN becomes the canonical one: JavaScript does not tell them apart.
    if (type === 'f32') view.setFloat32(0, Number(value), true);
    else view.setFloat64(0, Number(value), true);
    out.u8(type === 'f32' ? F32_CONST : F64_CONST);
    out.copy(bytes, 0, bytes.length);
  }
  out.u8(END);
}

function signed64(out: Writer, value: bigint): void {
  let rest = BigInt.asIntN(64, value);
  while (rest < -64n || rest > 63n) {
    out.u8(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.u8(Number(rest & 0x7fn));
}

function exportSection(reader: Reader, hook: string): Writer {
  const section = new Writer(reader.end - reader.at + 8);
  const kept: [from: number, to: number][] = [];
  for (let rest = reader.count('exports'); rest > 0; rest--) {
    const from = reader.at;
    const name = reader.name();
    reader.u8();
    reader.u32();
    if (name !== hook) kept.push([from, reader.at]);
  }
  section.u32(kept.length);
  for (const [from, to] of kept) section.copy(reader.bytes, from, to);
  return section;
}

interface DataSection {
  readonly count: number;
  /** How many of the segments were there before. */
  readonly kept: number;
  readonly length: number;
  readonly contents: Writer;
}

/** The segments as they are, since code refers to them by index and the image is written over them; then those of the image. */
function dataSection(module: Module, memories: readonly MemoryImage[]): DataSection {
  const section = module.sections.find(({ id }) => id === SECTION.data);
  const reader = new Reader(module.bytes, section?.start ?? 0, section?.end ?? 0);
  const kept = section === undefined ? 0 : reader.count('data segments');
  const count = memories.reduce((sum, { runs }) => sum + runs.length, kept);
  const size = memories.reduce(
    (sum, { runs }) => sum + runs.reduce((bytes, { from, to }) => bytes + to - from + 16, 0),
    reader.end - reader.at,
  );
  const contents = new Writer(size + 64);
  contents.u32(count);
  contents.copy(module.bytes, reader.at, reader.end);
  for (const [memory, { bytes, runs }] of memories.entries()) {
    const is64 = module.memories[memory]?.is64 === true;
    for (const { from, to } of runs) {
      contents.u8(memory === 0 ? ACTIVE : ACTIVE_IN_MEMORY);
      if (memory !== 0) contents.u32(memory);
      offset(contents, from, is64);
      contents.u32(to - from);
      contents.copy(bytes, from, to);
    }
  }
  return { count, kept, length: contents.length, contents };
}

function offset(out: Writer, at: number, is64: boolean): void {
  out.u8(is64 ? I64_CONST : I32_CONST);
  // An address of 32 bits is written as a signed number.
  out.signed(is64 ? at : at | 0);
  out.u8(END);
}
