/**
 * Operations whose work depends on an operand: the woven module calls a function of its own in place of each, made here.
 *
 * A long one is done in chunks, each paid for before it is done, so that the guest is stopped close to its limit and the
 * host gets its turns in between. Nothing of that can be seen from inside: what would trap does so before anything is
 * written, at no charge for its size, and a copy onto itself goes from the end that keeps what is still to be read.
 * A turn may suspend the guest in the middle, but nothing else reaches its memories and tables meanwhile.
 */
import type { Module } from '../format/module.ts';
import type { Bounds } from '../format/types.ts';

import { OP } from '../format/actions.ts';
import { CODE } from '../format/codes.ts';
import { FAILED_GROWTH_GAS, SIZE_RATES, SIZED, type SizeRate } from '../cost.ts';
import { addToGlobal } from '../profile.ts';
import { Reader } from '../format/read.ts';
import { writeValueType } from '../format/types.ts';
import { Writer } from '../format/write.ts';

/** What a chunk is, in the unit of the operation: some tens of microseconds of work. */
const CHUNK: Readonly<Record<SizeRate['unit'], number>> = { byte: 65_536, element: 1024, page: 1 };
/** Elements that engines let a table have. */
const MAX_ELEMENTS = 10_000_000;

/** An operation and what it names: a segment or a destination, and a source or nothing. */
export interface SizedOperation {
  readonly slot: number;
  readonly first: number;
  readonly second: number;
}

/** What a made function uses of the woven module. */
export interface SizedPlace {
  /** The global that holds the budget. */
  readonly gas: number;
  /** The function that gives the host a turn. */
  readonly turn: number;
  /** The import that asks the host for a growth. */
  readonly grow: number;
  /** The global that counts the calling function's own gas, if the module is profiled. */
  readonly counter: number | undefined;
}

export interface SizedFunction {
  readonly type: Writer;
  readonly body: Writer;
}

/** The instruction's prefix and number. */
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

const TABLE_SIZE = [0xfc, 0x10];
const HAS_TWO: ReadonlySet<number> = new Set([
  OP.memoryInit,
  OP.memoryCopy,
  OP.tableInit,
  OP.tableCopy,
]);
const IS_INIT: ReadonlySet<number> = new Set([OP.memoryInit, OP.tableInit]);
const IS_MEMORY: ReadonlySet<number> = new Set([
  OP.memoryInit,
  OP.memoryCopy,
  OP.memoryFill,
  OP.memoryGrow,
]);

/** Whether an operation is one of these; those on arrays are not. */
export const isChunked = (slot: number): boolean => INSTRUCTIONS.has(slot);

/** Reads the immediates of an operation. Throws InputError if it names a memory or a table that is not there. */
export function readSized(module: Module, reader: Reader, slot: number): SizedOperation {
  const start = reader.at;
  const first = reader.u32();
  const second = HAS_TWO.has(slot) ? reader.u32() : 0;
  const spaces = IS_MEMORY.has(slot) ? module.memories : module.tables;
  const isThere =
    IS_INIT.has(slot) || (first < spaces.length && (!HAS_TWO.has(slot) || second < spaces.length));
  if (!isThere || (IS_INIT.has(slot) && second >= spaces.length)) {
    throw reader.malformed('a memory or table that is not there', start);
  }
  return { slot, first, second };
}

export function makeSized(
  module: Module,
  operation: SizedOperation,
  place: SizedPlace,
): SizedFunction {
  if (operation.slot === OP.memoryGrow) return new Maker(module, operation, place).growMemory();
  if (operation.slot === OP.tableGrow) return new Maker(module, operation, place).growTable();
  return new Maker(module, operation, place).range();
}

const typeOf = (is64: boolean): number => (is64 ? CODE.i64 : CODE.i32);

/** The beginning of a function type, its parameters and results still to come. */
function functionType(params: number): Writer {
  const type = new Writer(16);
  type.u8(CODE.function);
  type.u8(params);
  return type;
}

class Maker {
  readonly #out = new Writer();
  readonly #module: Module;
  readonly #operation: SizedOperation;
  readonly #place: SizedPlace;
  readonly #rate: SizeRate;

  constructor(module: Module, operation: SizedOperation, place: SizedPlace) {
    const rate = SIZE_RATES[(SIZED[operation.slot] ?? 0) - 1];
    if (rate === undefined) throw new Error('an operation without a rate');
    this.#module = module;
    this.#operation = operation;
    this.#place = place;
    this.#rate = rate;
  }

  /** `fill`, `copy` and `init`: a destination, a source or a value, and a size. */
  range(): SizedFunction {
    const { slot, first, second } = this.#operation;
    const { memories, tables } = this.#module;
    const isMemory = IS_MEMORY.has(slot);
    const spaces: readonly Bounds[] = isMemory ? memories : tables;
    const isCopy = slot === OP.memoryCopy || slot === OP.tableCopy;
    const to = spaces[IS_INIT.has(slot) ? second : first];
    const to64 = to?.is64 === true;
    const from64 = isCopy && spaces[second]?.is64 === true;
    const size64 = isCopy ? to64 && from64 : to64 && !IS_INIT.has(slot);
    const moves = isCopy || IS_INIT.has(slot);
    const type = functionType(3);
    type.u8(typeOf(to64));
    if (slot === OP.tableFill) writeValueType(type, tables[first]?.element ?? '');
    else type.u8(typeOf(from64));
    type.u8(typeOf(size64));
    type.u8(0);

    const out = this.#out;
    out.u8(0);
    this.#isLong(size64);
    this.#if();
    this.#endsInReach(moves, to64, from64, size64);
    this.#if();
    // It has no size, and traps if what it stands for would.
    this.#pushEnd(0, to64, size64);
    if (moves) this.#pushEnd(1, from64, size64);
    else out.op(CODE.localGet, 1);
    this.#constant(size64, 0);
    this.#instruction();
    if (isCopy && first === second) {
      out.op(CODE.localGet, 0);
      out.op(CODE.localGet, 1);
      out.u8(to64 ? CODE.i64GtU : CODE.i32GtU);
      this.#if();
      this.#backward(to64, from64, size64);
      out.u8(CODE.else);
      this.#forward(moves, to64, from64, size64);
      out.u8(CODE.end);
    } else this.#forward(moves, to64, from64, size64);
    out.u8(CODE.end);
    out.u8(CODE.end);
    for (let param = 0; param < 3; param++) out.op(CODE.localGet, param);
    this.#instruction();
    this.#charge(() => this.#pushCost(2, size64));
    out.u8(CODE.end);
    return { type, body: out };
  }

  growMemory(): SizedFunction {
    const { first } = this.#operation;
    const is64 = this.#module.memories[first]?.is64 === true;
    const out = this.#out;
    const [size, result] = [0, 1];
    this.#declareLocal(is64);
    this.#returnSize([CODE.memorySize], is64, size);
    this.#ask(0, is64, size);
    this.#if(typeOf(is64));
    out.op(CODE.localGet, size);
    this.#instruction();
    out.u8(CODE.else);
    this.#constant(is64, -1);
    out.u8(CODE.end);
    out.op(CODE.localSet, result);
    this.#chargeGrowth(is64, size, result);
    out.op(CODE.localGet, result);
    out.u8(CODE.end);
    const type = functionType(1);
    type.u8(typeOf(is64));
    type.u8(1);
    type.u8(typeOf(is64));
    return { type, body: out };
  }

  growTable(): SizedFunction {
    const { first } = this.#operation;
    const type = this.#module.tables[first];
    const is64 = type?.is64 === true;
    const out = this.#out;
    const [value, size, result] = [0, 1, 2];
    this.#declareLocal(is64);
    this.#returnSize(TABLE_SIZE, is64, size);
    // What the engine would refuse is not asked for, so that none of the chunks is refused.
    out.op(CODE.localGet, size);
    this.#constant(is64, Math.min(type?.max ?? MAX_ELEMENTS, MAX_ELEMENTS));
    this.#size(TABLE_SIZE);
    out.op(CODE.localTee, result);
    out.u8(is64 ? CODE.i64Sub : CODE.i32Sub);
    out.u8(is64 ? CODE.i64GtU : CODE.i32GtU);
    this.#if(CODE.i32);
    this.#constant(false, 0);
    out.u8(CODE.else);
    this.#ask(1, is64, size);
    out.u8(CODE.end);
    this.#if(typeOf(is64));
    this.#isLong(is64, size);
    this.#if();
    this.#loop(is64, size, () => {
      out.op(CODE.localGet, value);
      this.#constant(is64, CHUNK.element);
      this.#instruction();
      out.u8(CODE.drop);
    });
    out.u8(CODE.end);
    out.op(CODE.localGet, value);
    out.op(CODE.localGet, size);
    this.#instruction();
    this.#constant(is64, -1);
    out.u8(is64 ? CODE.i64Ne : CODE.i32Ne);
    this.#if(typeOf(is64));
    out.op(CODE.localGet, result);
    out.u8(CODE.else);
    this.#constant(is64, -1);
    out.u8(CODE.end);
    out.u8(CODE.else);
    this.#constant(is64, -1);
    out.u8(CODE.end);
    out.op(CODE.localSet, result);
    this.#chargeGrowth(is64, size, result);
    out.op(CODE.localGet, result);
    out.u8(CODE.end);
    const made = functionType(2);
    writeValueType(made, type?.element ?? '');
    made.u8(typeOf(is64));
    made.u8(1);
    made.u8(typeOf(is64));
    return { type: made, body: out };
  }

  #declareLocal(is64: boolean): void {
    for (const byte of [1, 1, typeOf(is64)]) this.#out.u8(byte);
  }

  /** A growth by nothing is how a guest asks for the size: it costs no more than to ask. */
  #returnSize(sizeInstruction: readonly number[], is64: boolean, size: number): void {
    const out = this.#out;
    out.op(CODE.localGet, size);
    out.u8(is64 ? CODE.i64Eqz : CODE.i32Eqz);
    this.#if();
    this.#size(sizeInstruction);
    out.u8(CODE.return);
    out.u8(CODE.end);
  }

  #size(sizeInstruction: readonly number[]): void {
    for (const byte of sizeInstruction) this.#out.u8(byte);
    this.#out.u32(this.#operation.first);
  }

  /** Asks the host; leaves 1 if the space may grow, else 0. */
  #ask(space: number, is64: boolean, size: number): void {
    const out = this.#out;
    this.#constant(false, space);
    out.op(CODE.localGet, size);
    out.u8(is64 ? CODE.f64ConvertI64U : CODE.f64ConvertI32U);
    out.op(CODE.call, this.#place.grow);
  }

  #chargeGrowth(is64: boolean, size: number, result: number): void {
    const out = this.#out;
    this.#charge(() => {
      this.#pushCost(size, is64);
      out.i64(FAILED_GROWTH_GAS);
      out.op(CODE.localGet, result);
      this.#constant(is64, -1);
      out.u8(is64 ? CODE.i64Ne : CODE.i32Ne);
      out.u8(CODE.select);
    });
  }

  #forward(moves: boolean, to64: boolean, from64: boolean, size64: boolean): void {
    const out = this.#out;
    this.#loop(size64, 2, () => {
      out.op(CODE.localGet, 0);
      out.op(CODE.localGet, 1);
      this.#constant(size64, CHUNK[this.#rate.unit]);
      this.#instruction();
      this.#step(0, to64);
      if (moves) this.#step(1, from64);
    });
  }

  /** The size goes down first, so that the chunk at the end is next. */
  #backward(to64: boolean, from64: boolean, size64: boolean): void {
    this.#loop(size64, 2, () => {
      this.#pushEnd(0, to64, size64);
      this.#pushEnd(1, from64, size64);
      this.#constant(size64, CHUNK[this.#rate.unit]);
      this.#instruction();
    });
  }

  /** Chunk after chunk, until what is left is no longer than one. */
  #loop(size64: boolean, size: number, body: () => void): void {
    const out = this.#out;
    const chunk = CHUNK[this.#rate.unit];
    out.u8(CODE.loop);
    out.u8(CODE.void);
    this.#charge(() => out.i64(gasFor(this.#rate, chunk)));
    out.op(CODE.localGet, size);
    this.#constant(size64, chunk);
    out.u8(size64 ? CODE.i64Sub : CODE.i32Sub);
    out.op(CODE.localSet, size);
    body();
    this.#isLong(size64, size);
    out.op(CODE.brIf, 0);
    out.u8(CODE.end);
  }

  #isLong(size64: boolean, size = 2): void {
    this.#out.op(CODE.localGet, size);
    this.#constant(size64, CHUNK[this.#rate.unit]);
    this.#out.u8(size64 ? CODE.i64GtU : CODE.i32GtU);
  }

  /** Whether neither end is past what an address can say; where one is, the operation traps or is done at once. */
  #endsInReach(moves: boolean, to64: boolean, from64: boolean, size64: boolean): void {
    const out = this.#out;
    const one = (local: number, is64: boolean): void => {
      this.#pushEnd(local, is64, size64);
      out.op(CODE.localGet, local);
      out.u8(is64 ? CODE.i64GeU : CODE.i32GeU);
    };
    one(0, to64);
    if (!moves) return;
    one(1, from64);
    out.u8(CODE.i32And);
  }

  /** An address plus the size. */
  #pushEnd(local: number, is64: boolean, size64: boolean): void {
    const out = this.#out;
    out.op(CODE.localGet, local);
    out.op(CODE.localGet, 2);
    if (is64 && !size64) out.u8(CODE.i64ExtendI32U);
    out.u8(is64 ? CODE.i64Add : CODE.i32Add);
  }

  #step(local: number, is64: boolean): void {
    const out = this.#out;
    out.op(CODE.localGet, local);
    this.#constant(is64, CHUNK[this.#rate.unit]);
    out.u8(is64 ? CODE.i64Add : CODE.i32Add);
    out.op(CODE.localSet, local);
  }

  #pushCost(size: number, is64: boolean): void {
    const out = this.#out;
    const { shift } = this.#rate;
    out.op(CODE.localGet, size);
    if (!is64) out.u8(CODE.i64ExtendI32U);
    if (shift === 0) return;
    out.i64(Math.abs(shift));
    out.u8(shift > 0 ? CODE.i64ShrU : CODE.i64Shl);
  }

  /** Takes what `push` leaves from the budget, and gives the host a turn if that used it up. */
  #charge(push: () => void): void {
    const out = this.#out;
    const { gas, turn, counter } = this.#place;
    out.op(CODE.globalGet, gas);
    push();
    out.u8(CODE.i64Sub);
    out.op(CODE.globalSet, gas);
    if (counter !== undefined) addToGlobal(out, counter, push);
    out.op(CODE.globalGet, gas);
    out.i64(0);
    out.u8(CODE.i64LtS);
    this.#if();
    out.op(CODE.globalGet, gas);
    out.op(CODE.call, turn);
    out.u8(CODE.drop);
    out.u8(CODE.end);
  }

  #if(type: number = CODE.void): void {
    this.#out.u8(CODE.if);
    this.#out.u8(type);
  }

  #constant(is64: boolean, value: number): void {
    this.#out.u8(is64 ? CODE.i64Const : CODE.i32Const);
    this.#out.signed(value);
  }

  #instruction(): void {
    const { slot, first, second } = this.#operation;
    for (const byte of INSTRUCTIONS.get(slot) ?? []) this.#out.u8(byte);
    this.#out.u32(first);
    if (HAS_TWO.has(slot)) this.#out.u32(second);
  }
}

const gasFor = ({ shift }: SizeRate, size: number): number => Math.floor(size * 2 ** -shift);
