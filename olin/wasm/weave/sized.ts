/**
 * Generates the functions that replace bulk operations, whose work depends on an operand (`memory.copy`, `table.fill`, …).
 *
 * A long operation runs in chunks, and each chunk is charged before it runs, so that the guest stops close to its limit
 * and the host gets its turns in between. The guest cannot tell: an operation that would trap does so before anything is
 * written, without a charge for its size, and an overlapping copy runs in the direction that preserves unread data.
 * A turn may suspend the guest between chunks, but nothing else accesses its memories and tables meanwhile.
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

/** Chunk size in the operation's unit: some tens of microseconds of work. */
const CHUNK: Readonly<Record<SizeRate['unit'], number>> = { byte: 65_536, element: 1024, page: 1 };
/** The engines' own limit on the size of a table. */
const MAX_ELEMENTS = 10_000_000;

/** An operation and its immediates: a segment or destination, and a source if it has one. */
export interface SizedOperation {
  readonly slot: number;
  readonly first: number;
  readonly second: number;
}

/** The parts of the woven module that a generated function uses. */
export interface SizedContext {
  /** The global that holds the budget. */
  readonly gas: number;
  /** The function that calls the host for a turn. */
  readonly turn: number;
  /** The import that asks the host whether a memory or table may grow. */
  readonly grow: number;
  /** The global that counts the calling function's own gas, if the module is profiled. */
  readonly counter: number | undefined;
}

export interface SizedFunction {
  readonly type: Writer;
  readonly body: Writer;
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

/** Whether an operation is replaced by a generated function; array operations are not. */
export const isChunked = (slot: number): boolean => INSTRUCTIONS.has(slot);

/** Reads the immediates of an operation. Throws InputError if it names a memory or table that does not exist. */
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
  context: SizedContext,
): SizedFunction {
  if (operation.slot === OP.memoryGrow) return new Maker(module, operation, context).growMemory();
  if (operation.slot === OP.tableGrow) return new Maker(module, operation, context).growTable();
  return new Maker(module, operation, context).range();
}

const typeOf = (is64: boolean): number => (is64 ? CODE.i64 : CODE.i32);

/** Starts a function type; the caller writes its parameters and results. */
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
  readonly #context: SizedContext;
  readonly #rate: SizeRate;

  constructor(module: Module, operation: SizedOperation, context: SizedContext) {
    const rate = SIZE_RATES[(SIZED[operation.slot] ?? 0) - 1];
    if (rate === undefined) throw new Error('an operation without a rate');
    this.#module = module;
    this.#operation = operation;
    this.#context = context;
    this.#rate = rate;
  }

  /** `fill`, `copy` and `init`: parameters are a destination, a source or value, and a size. */
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
    // A zero-sized operation at the end of the range traps exactly if the whole operation would.
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
    // Skip a growth that the engine would refuse, so that no chunk fails halfway.
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

  /** Guests use a growth by 0 to read the size, so it costs no more than that. */
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

  /** Asks the host; pushes 1 if the space may grow, else 0. */
  #ask(space: number, is64: boolean, size: number): void {
    const out = this.#out;
    this.#constant(false, space);
    out.op(CODE.localGet, size);
    out.u8(is64 ? CODE.f64ConvertI64U : CODE.f64ConvertI32U);
    out.op(CODE.call, this.#context.grow);
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

  /** The size is decremented first, so that the last chunk is copied first. */
  #backward(to64: boolean, from64: boolean, size64: boolean): void {
    this.#loop(size64, 2, () => {
      this.#pushEnd(0, to64, size64);
      this.#pushEnd(1, from64, size64);
      this.#constant(size64, CHUNK[this.#rate.unit]);
      this.#instruction();
    });
  }

  /** Loops over chunks until at most one chunk remains. */
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

  /** Pushes whether neither end overflows the address type; if one does, the operation runs unchunked (and traps). */
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

  /** Pushes an address plus the size. */
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

  /** Subtracts the value that `push` pushes from the budget, and calls the host if the budget is used up. */
  #charge(push: () => void): void {
    const out = this.#out;
    const { gas, turn, counter } = this.#context;
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
