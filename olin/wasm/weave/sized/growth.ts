/** Generates `memory.grow` and `table.grow`, which ask the host before they grow. */
import type { Module } from '../../format/module.ts';

import { CODE } from '../../format/codes.ts';
import { FAILED_GROWTH_GAS } from '../../cost.ts';
import { writeValueType } from '../../format/types.ts';
import {
  functionType,
  SizedEmitter,
  typeOf,
  type SizedContext,
  type SizedFunction,
} from './emitter.ts';
import type { SizedOperation } from './operation.ts';

/** The engines' own limit on the size of a table. */
const MAX_ELEMENTS = 10_000_000;
/** The instructions that push the present size. */
const MEMORY_SIZE = [CODE.memorySize];
const TABLE_SIZE = [0xfc, 0x10];
/** First parameters of the host's answer: what grows. */
const SPACE = { memory: 0, table: 1 } as const;

export function makeMemoryGrowth(
  module: Module,
  operation: SizedOperation,
  context: SizedContext,
): SizedFunction {
  const emit = new SizedEmitter(operation, context);
  const { out } = emit;
  const is64 = module.memories[operation.first]?.is64 === true;
  const [size, result] = [0, 1];
  declareLocal(emit, is64);
  returnSize(emit, () => pushSize(emit, MEMORY_SIZE, operation), is64, size);
  emit.askToGrow(SPACE.memory, is64, size);
  emit.if(typeOf(is64));
  out.op(CODE.localGet, size);
  emit.instruction();
  out.u8(CODE.else);
  emit.constant(is64, -1);
  out.u8(CODE.end);
  out.op(CODE.localSet, result);
  chargeGrowth(emit, is64, size, result);
  out.op(CODE.localGet, result);
  out.u8(CODE.end);
  const type = functionType(1);
  type.u8(typeOf(is64));
  type.u8(1);
  type.u8(typeOf(is64));
  return { type, body: out };
}

export function makeTableGrowth(
  module: Module,
  operation: SizedOperation,
  context: SizedContext,
): SizedFunction {
  const emit = new SizedEmitter(operation, context);
  const { out } = emit;
  const table = module.tables[operation.first];
  const is64 = table?.is64 === true;
  const [value, size, result] = [0, 1, 2];
  declareLocal(emit, is64);
  returnSize(emit, () => pushSize(emit, TABLE_SIZE, operation), is64, size);
  // Skip a growth that the engine would refuse, so that no chunk fails halfway.
  out.op(CODE.localGet, size);
  emit.constant(is64, Math.min(table?.max ?? MAX_ELEMENTS, MAX_ELEMENTS));
  pushSize(emit, TABLE_SIZE, operation);
  out.op(CODE.localTee, result);
  out.u8(is64 ? CODE.i64Sub : CODE.i32Sub);
  out.u8(is64 ? CODE.i64GtU : CODE.i32GtU);
  emit.if(CODE.i32);
  emit.constant(false, 0);
  out.u8(CODE.else);
  emit.askToGrow(SPACE.table, is64, size);
  out.u8(CODE.end);
  emit.if(typeOf(is64));
  emit.isLong(is64, size);
  emit.if();
  emit.loop(is64, size, () => {
    out.op(CODE.localGet, value);
    emit.constant(is64, emit.chunk);
    emit.instruction();
    out.u8(CODE.drop);
  });
  out.u8(CODE.end);
  out.op(CODE.localGet, value);
  out.op(CODE.localGet, size);
  emit.instruction();
  emit.constant(is64, -1);
  out.u8(is64 ? CODE.i64Ne : CODE.i32Ne);
  emit.if(typeOf(is64));
  out.op(CODE.localGet, result);
  out.u8(CODE.else);
  emit.constant(is64, -1);
  out.u8(CODE.end);
  out.u8(CODE.else);
  emit.constant(is64, -1);
  out.u8(CODE.end);
  out.op(CODE.localSet, result);
  chargeGrowth(emit, is64, size, result);
  out.op(CODE.localGet, result);
  out.u8(CODE.end);
  const type = functionType(2);
  writeValueType(type, table?.element ?? '');
  type.u8(typeOf(is64));
  type.u8(1);
  type.u8(typeOf(is64));
  return { type, body: out };
}

/** Declares one local of the size's type. */
function declareLocal({ out }: SizedEmitter, is64: boolean): void {
  for (const byte of [1, 1, typeOf(is64)]) out.u8(byte);
}

/** Guests use a growth by 0 to read the size, so it costs no more than that. */
function returnSize(emit: SizedEmitter, push: () => void, is64: boolean, size: number): void {
  const { out } = emit;
  out.op(CODE.localGet, size);
  out.u8(is64 ? CODE.i64Eqz : CODE.i32Eqz);
  emit.if();
  push();
  out.u8(CODE.return);
  out.u8(CODE.end);
}

function pushSize(
  { out }: SizedEmitter,
  instruction: readonly number[],
  { first }: SizedOperation,
): void {
  for (const byte of instruction) out.u8(byte);
  out.u32(first);
}

/** Charges for the size if the growth succeeded (`result` is not -1), else a fixed amount. */
function chargeGrowth(emit: SizedEmitter, is64: boolean, size: number, result: number): void {
  const { out } = emit;
  emit.charge(() => {
    emit.pushCost(is64, size);
    out.i64(FAILED_GROWTH_GAS);
    out.op(CODE.localGet, result);
    emit.constant(is64, -1);
    out.u8(is64 ? CODE.i64Ne : CODE.i32Ne);
    out.u8(CODE.select);
  });
}
