/** The operations whose work depends on an operand, and that are replaced by a call of a generated function. */
import type { Module } from '../../format/module.ts';
import type { Bounds } from '../../format/types.ts';

import { OP } from '../../format/actions.ts';
import { SIZE_RATES, SIZED, type SizeRate } from '../../cost.ts';
import type { Reader } from '../../format/read.ts';
import type { Writer } from '../../format/write.ts';

/** An operation and its immediates: a segment or destination, and a source if it has one. */
export interface SizedOperation {
  readonly slot: number;
  readonly first: number;
  readonly second: number;
}

/** Encoding of each instruction: prefix and opcode. */
const INSTRUCTIONS: ReadonlyMap<number, readonly number[]> = new Map([
  [OP.memoryInit, [0xfc, 0x08]],
  [OP.memoryCopy, [0xfc, 0x0a]],
  [OP.memoryFill, [0xfc, 0x0b]],
  [OP.memoryGrow, [0x40]],
  [OP.tableInit, [0xfc, 0x0c]],
  [OP.tableCopy, [0xfc, 0x0e]],
  [OP.tableGrow, [0xfc, 0x0f]],
  [OP.tableFill, [0xfc, 0x11]],
]);

const COPIES: ReadonlySet<number> = new Set([OP.memoryCopy, OP.tableCopy]);
const INITS: ReadonlySet<number> = new Set([OP.memoryInit, OP.tableInit]);
const CHANGES_TABLE: ReadonlySet<number> = new Set([
  OP.tableCopy,
  OP.tableFill,
  OP.tableGrow,
  OP.tableInit,
]);
const ON_MEMORY: ReadonlySet<number> = new Set([
  OP.memoryInit,
  OP.memoryCopy,
  OP.memoryFill,
  OP.memoryGrow,
]);

export const isCopy = (slot: number): boolean => COPIES.has(slot);
export const isInit = (slot: number): boolean => INITS.has(slot);
const hasTwoImmediates = (slot: number): boolean => isCopy(slot) || isInit(slot);

/** Whether an operation is replaced by a generated function; array operations are not. */
export const isChunked = (slot: number): boolean => INSTRUCTIONS.has(slot);

/** Whether an operation changes a table, which outlives a guest. */
export const changesTable = (slot: number): boolean => CHANGES_TABLE.has(slot);

/** The memories or tables of the module, whichever the operation works on. */
export function spacesOf({ memories, tables }: Module, slot: number): readonly Bounds[] {
  return ON_MEMORY.has(slot) ? memories : tables;
}

export function rateOf(slot: number): SizeRate {
  const rate = SIZE_RATES[(SIZED[slot] ?? 0) - 1];
  if (rate === undefined) throw new Error('an operation without a rate');
  return rate;
}

/** The instruction itself, encoded. */
export function encodeOperation({ slot, first, second }: SizedOperation, out: Writer): void {
  for (const byte of INSTRUCTIONS.get(slot) ?? []) out.u8(byte);
  out.u32(first);
  if (hasTwoImmediates(slot)) out.u32(second);
}

/** Reads the immediates of an operation. Throws InputError if it names a memory or table that does not exist. */
export function readSized(module: Module, reader: Reader, slot: number): SizedOperation {
  const start = reader.at;
  const first = reader.u32();
  const second = hasTwoImmediates(slot) ? reader.u32() : 0;
  const { length } = spacesOf(module, slot);
  const isFirstThere = isInit(slot) || first < length;
  const isSecondThere = !hasTwoImmediates(slot) || second < length;
  if (!isFirstThere || !isSecondThere) {
    throw reader.malformed('a memory or table that does not exist', start);
  }
  return { slot, first, second };
}
