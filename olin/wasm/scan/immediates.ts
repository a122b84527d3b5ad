/** Reads immediates, as far as the scan needs their values. */
import type { Reader } from '../format/read.ts';

import { OP } from '../format/actions.ts';
import { skipImmediates } from '../format/expression.ts';
import { IMMEDIATES } from '../format/instructions.ts';
import { KIND_OF } from '../format/opcodes.ts';
import { readHeapType } from '../format/types.ts';
import { CALL } from './events.ts';

/** Values of {@link KIND_OF}: instructions without immediates, and `i32.const`. */
const KIND_NONE = IMMEDIATES.indexOf('none') + 1;
const KIND_I32 = IMMEDIATES.indexOf('i32') + 1;

/** Skips the immediates of an instruction that only computes; most have none. */
export function skipPlain(reader: Reader, opcode: number): void {
  const kind = KIND_OF[opcode];
  if (kind === KIND_I32) reader.skipLeb(5);
  else if (kind !== KIND_NONE) skipImmediates(reader, opcode);
}

/** Returns the {@link CALL} of an instruction that names a function. */
export function callOf(opcode: number, isItself: boolean): number {
  if (opcode === OP.refFunc) return CALL.reference;
  if (opcode === OP.returnCall) return CALL.tail;
  return isItself ? CALL.itself : CALL.call;
}

/** Reads the immediates of `call_indirect`, `call_ref` and their tail calls. Returns the type index. */
export function readCallType(reader: Reader, opcode: number): number {
  const { at } = reader;
  const type = reader.u32();
  reader.at = at;
  skipImmediates(reader, opcode);
  return type;
}

/** Reads the immediates of a conditional branch. Returns the depth of its label. */
export function readLabel(reader: Reader, opcode: number): number {
  if (opcode !== OP.castBranch && opcode !== OP.castBranchFail) return reader.u32();
  reader.skip(1);
  const depth = reader.u32();
  readHeapType(reader);
  readHeapType(reader);
  return depth;
}
