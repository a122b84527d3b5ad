/**
 * Splits a module into its code and its image, so that modules with the same code share one compiled module.
 *
 * A snapshot (../../snapshot/) has the data segments of the module it was taken of, then those of what its hook changed;
 * a custom section says how many are the first. The code part is the module without the others, with zero in mutable
 * globals and no initial memory; the image has all three. An instance of the code part in a memory of the image's size,
 * into which the image is then written, is in the state of an instance of the whole module.
 *
 * The section may be anybody's: it decides only where the data is parted, and every number that it can say gives the same
 * state. What is not surely so is not split.
 */
import { FILES_SECTION } from '../../files/packed-files.ts';
import type { Module } from '../format/module.ts';

import { InputError } from '../../errors.ts';
import { skipConstantExpression } from '../format/expression.ts';
import { readModule } from '../format/module.ts';
import { Reader } from '../format/read.ts';
import { readSections, SECTION, type Section } from '../format/sections.ts';
import { Writer } from '../format/write.ts';
import { PAGE_BYTES } from '../host/host-pages.ts';
import { readConstant } from './constants.ts';
import { readOwnGlobals, type GlobalInitializer } from './globals.ts';
import { writeImage, type ImageRun } from './image.ts';

/** The custom section of a snapshot. It contains the number of data segments that are part of the code. */
export const SNAPSHOT_SECTION = 'olin.snapshot';

const MAX_PAGES = 65_536;
/** They are parameters of a function. */
const MAX_GLOBALS = 64;
/** As in engines. */
const MAX_SEGMENTS = 100_000;
const ACTIVE = 0;
const PASSIVE = 1;
const ACTIVE_IN_MEMORY = 2;
const END = 0x0b;

interface SplitModule {
  /** A module. */
  readonly code: Uint8Array<ArrayBuffer>;
  /** See {@link Image}. */
  readonly image: Uint8Array<ArrayBuffer>;
}

/**
 * Returns undefined for a module that cannot be split; it is then used as it is. The code part is a valid module if the
 * whole one is, and the other way around.
 */
export function splitModule(bytes: Uint8Array): SplitModule | undefined {
  try {
    const isMarked = readSections(bytes).some(({ name }) => name === SNAPSHOT_SECTION);
    return isMarked ? split(readModule(bytes, skipConstantExpression)) : undefined;
  } catch (error) {
    // The module is malformed, which is for others to say.
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function split(module: Module): SplitModule | undefined {
  const marks = module.sections.filter(({ name }) => name === SNAPSHOT_SECTION);
  const [mark] = marks;
  if (mark === undefined || marks.length > 1) return undefined;
  // A module with files is not split: its code part could not be shared.
  if (module.sections.some(({ name }) => name === FILES_SECTION)) return undefined;
  const [memory] = module.memories;
  if (memory === undefined || module.memories.length > 1 || memory.is64 || memory.shared)
    return undefined;
  if (module.imports.some(({ what }) => what.kind !== 'function')) return undefined;
  if (module.start !== undefined) return undefined;
  const { min: pages, max = MAX_PAGES } = memory;
  if (pages > max || max > MAX_PAGES) return undefined;
  const globals = readOwnGlobals(module);
  const own = globals.flatMap(({ inImage }) => (inImage === undefined ? [] : [inImage]));
  if (own.length > MAX_GLOBALS) return undefined;
  const data = splitData(module, readMark(module, mark), pages);
  if (data === undefined) return undefined;
  return {
    code: writeCodePart(module, mark, globals, data),
    image: writeImage({ pages, globals: own, runs: data.runs }),
  };
}

function readMark({ bytes }: Module, { start, end }: Section): number {
  const reader = new Reader(bytes, start, end);
  const kept = reader.u32();
  if (!reader.done) throw reader.malformed('a section is longer than what is in it');
  return kept;
}

interface SplitData {
  /** Number of segments that stay in the code, and where they are. */
  readonly kept: number;
  readonly start: number;
  readonly end: number;
  readonly runs: readonly ImageRun[];
}

/** Undefined unless each segment that leaves the code is written at a constant address, and fits. */
function splitData(module: Module, kept: number, pages: number): SplitData | undefined {
  const section = module.sections.find(({ id }) => id === SECTION.data);
  if (section === undefined) return kept === 0 ? { kept, start: 0, end: 0, runs: [] } : undefined;
  const reader = new Reader(module.bytes, section.start, section.end, module.types.length);
  const count = reader.count('data segments');
  if (kept > count || count > MAX_SEGMENTS) return undefined;
  // With it, code may refer to the segments that would leave it.
  const isCounted = module.sections.some(({ id }) => id === SECTION.dataCount);
  if (isCounted && kept < count) return undefined;
  const start = reader.at;
  for (let rest = kept; rest > 0; rest--) skipSegment(reader);
  const end = reader.at;
  const runs: ImageRun[] = [];
  for (let rest = count - kept; rest > 0; rest--) {
    if (reader.u8() !== ACTIVE) return undefined;
    const offset = readConstant(reader);
    if (offset?.type !== 'i32') return undefined;
    const at = Number(offset.bits);
    const length = reader.length('a data segment');
    if (at + length > pages * PAGE_BYTES) return undefined;
    runs.push({ at, bytes: module.bytes.subarray(reader.at, reader.at + length) });
    reader.skip(length);
  }
  return reader.done ? { kept, start, end, runs } : undefined;
}

function skipSegment(reader: Reader): void {
  const flags = reader.u32();
  if (flags === ACTIVE_IN_MEMORY) reader.u32();
  if (flags !== PASSIVE) skipConstantExpression(reader);
  reader.skip(reader.length('a data segment'));
}

function writeCodePart(
  { bytes, sections, memories }: Module,
  mark: Section,
  globals: readonly GlobalInitializer[],
  data: SplitData,
): Uint8Array<ArrayBuffer> {
  const out = new Writer(bytes.length + 64);
  out.copy(bytes, 0, 8);
  for (const section of sections) {
    const { id, start, end, name } = section;
    if (section === mark || (id === SECTION.data && data.kept === 0)) continue;
    const contents = new Writer(end - start + 64);
    if (id === SECTION.memory) writeMemory(contents, memories[0]?.max);
    else if (id === SECTION.global) writeGlobals(contents, bytes, globals);
    else if (id === SECTION.data) {
      contents.u32(data.kept);
      contents.copy(bytes, data.start, data.end);
    } else {
      if (name !== undefined) contents.name(name);
      contents.copy(bytes, start, end);
    }
    out.u8(id);
    out.sized(contents);
  }
  return out.take();
}

/** One memory without pages. */
function writeMemory(out: Writer, max: number | undefined): void {
  out.u32(1);
  out.u8(max === undefined ? 0 : 1);
  out.u32(0);
  if (max !== undefined) out.u32(max);
}

function writeGlobals(out: Writer, bytes: Uint8Array, globals: readonly GlobalInitializer[]): void {
  out.u32(globals.length);
  for (const { start, expression, end, inImage } of globals) {
    if (inImage === undefined) out.copy(bytes, start, end);
    else {
      out.copy(bytes, start, expression);
      // The instruction stays, with zero as its number.
      out.u8(bytes[expression] ?? 0);
      const zeros = inImage.type === 'f32' ? 4 : inImage.type === 'f64' ? 8 : 1;
      for (let at = 0; at < zeros; at++) out.u8(0);
      out.u8(END);
    }
  }
}
