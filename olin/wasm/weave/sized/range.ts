/** Generates `fill`, `copy` and `init`: the parameters are a destination, a source or value, and a size. */
import type { Module } from '../../format/module.ts';

import { OP } from '../../format/actions.ts';
import { CODE } from '../../format/codes.ts';
import { writeValueType } from '../../format/types.ts';
import {
  functionType,
  SizedEmitter,
  typeOf,
  type SizedContext,
  type SizedFunction,
} from './emitter.ts';
import { isCopy, isInit, spacesOf, type SizedOperation } from './operation.ts';

const [DESTINATION, SOURCE, SIZE] = [0, 1, 2] as const;

export function makeRange(
  module: Module,
  operation: SizedOperation,
  context: SizedContext,
): SizedFunction {
  return new Range(module, operation, context).make();
}

class Range {
  readonly #emit: SizedEmitter;
  readonly #module: Module;
  readonly #operation: SizedOperation;
  /** Whether the source is a range too, and not one value. */
  readonly #moves: boolean;
  /** The word sizes of the parameters. */
  readonly #to64: boolean;
  readonly #from64: boolean;
  readonly #size64: boolean;

  constructor(module: Module, operation: SizedOperation, context: SizedContext) {
    const { slot, first, second } = operation;
    const spaces = spacesOf(module, slot);
    this.#emit = new SizedEmitter(operation, context);
    this.#module = module;
    this.#operation = operation;
    this.#moves = isCopy(slot) || isInit(slot);
    this.#to64 = spaces[isInit(slot) ? second : first]?.is64 === true;
    this.#from64 = isCopy(slot) && spaces[second]?.is64 === true;
    this.#size64 = isCopy(slot) ? this.#to64 && this.#from64 : this.#to64 && !isInit(slot);
  }

  make(): SizedFunction {
    const emit = this.#emit;
    const { out } = emit;
    const size64 = this.#size64;
    out.u8(0);
    emit.isLong(size64, SIZE);
    emit.if();
    this.#endsInReach();
    emit.if();
    this.#trapAtEnd();
    this.#moveChunks();
    out.u8(CODE.end);
    out.u8(CODE.end);
    for (const param of [DESTINATION, SOURCE, SIZE]) out.op(CODE.localGet, param);
    emit.instruction();
    emit.charge(() => emit.pushCost(size64, SIZE));
    out.u8(CODE.end);
    return { type: this.#type(), body: out };
  }

  #type(): SizedFunction['type'] {
    const { slot, first } = this.#operation;
    const type = functionType(3);
    type.u8(typeOf(this.#to64));
    if (slot === OP.tableFill) writeValueType(type, this.#module.tables[first]?.element ?? '');
    else type.u8(typeOf(this.#from64));
    type.u8(typeOf(this.#size64));
    type.u8(0);
    return type;
  }

  /** Pushes whether neither end overflows the address type; if one does, the operation runs unchunked (and traps). */
  #endsInReach(): void {
    const { out } = this.#emit;
    const push = (local: number, is64: boolean): void => {
      this.#pushEnd(local, is64);
      out.op(CODE.localGet, local);
      out.u8(is64 ? CODE.i64GeU : CODE.i32GeU);
    };
    push(DESTINATION, this.#to64);
    if (!this.#moves) return;
    push(SOURCE, this.#from64);
    out.u8(CODE.i32And);
  }

  /** A zero-sized operation at the end of the range traps exactly if the whole operation would. */
  #trapAtEnd(): void {
    const emit = this.#emit;
    this.#pushEnd(DESTINATION, this.#to64);
    if (this.#moves) this.#pushEnd(SOURCE, this.#from64);
    else emit.out.op(CODE.localGet, SOURCE);
    emit.constant(this.#size64, 0);
    emit.instruction();
  }

  /** Runs all chunks but the last, in the direction that preserves unread data. */
  #moveChunks(): void {
    const { slot, first, second } = this.#operation;
    if (!isCopy(slot) || first !== second) {
      this.#forward();
      return;
    }
    const emit = this.#emit;
    const { out } = emit;
    out.op(CODE.localGet, DESTINATION);
    out.op(CODE.localGet, SOURCE);
    out.u8(this.#to64 ? CODE.i64GtU : CODE.i32GtU);
    emit.if();
    this.#backward();
    out.u8(CODE.else);
    this.#forward();
    out.u8(CODE.end);
  }

  #forward(): void {
    const emit = this.#emit;
    const { out } = emit;
    emit.loop(this.#size64, SIZE, () => {
      out.op(CODE.localGet, DESTINATION);
      out.op(CODE.localGet, SOURCE);
      emit.constant(this.#size64, emit.chunk);
      emit.instruction();
      this.#step(DESTINATION, this.#to64);
      if (this.#moves) this.#step(SOURCE, this.#from64);
    });
  }

  /** The size is decremented first, so that the last chunk is copied first. */
  #backward(): void {
    const emit = this.#emit;
    emit.loop(this.#size64, SIZE, () => {
      this.#pushEnd(DESTINATION, this.#to64);
      this.#pushEnd(SOURCE, this.#from64);
      emit.constant(this.#size64, emit.chunk);
      emit.instruction();
    });
  }

  /** Pushes an address plus the size. */
  #pushEnd(local: number, is64: boolean): void {
    const { out } = this.#emit;
    out.op(CODE.localGet, local);
    out.op(CODE.localGet, SIZE);
    if (is64 && !this.#size64) out.u8(CODE.i64ExtendI32U);
    out.u8(is64 ? CODE.i64Add : CODE.i32Add);
  }

  /** Advances an address by a chunk. */
  #step(local: number, is64: boolean): void {
    const { out, chunk } = this.#emit;
    out.op(CODE.localGet, local);
    this.#emit.constant(is64, chunk);
    out.u8(is64 ? CODE.i64Add : CODE.i32Add);
    out.op(CODE.localSet, local);
  }
}
