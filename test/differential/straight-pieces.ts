/** Finds the straight pieces of a function, from the names of its instructions. */
import { readOpcode, skipImmediates } from '../../olin/wasm/format/expression.ts';
import { NAME_OF } from '../../olin/wasm/format/opcodes.ts';
import { Reader } from '../../olin/wasm/format/read.ts';
import { readValueType } from '../../olin/wasm/format/types.ts';

export interface Instruction {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

const OPENS = /^(block|loop|if|try|try_table)$/;
const LEAVES = /^(br|br_table|return|unreachable|throw|rethrow|throw_ref|return_call.*)$/;
const BRANCHES = /^(br|br_if|br_on_.*)$/;
const CALLS = /^(call|call_indirect|call_ref)$/;

export function readBody(reader: Reader): Instruction[] {
  const instructions: Instruction[] = [];
  while (!reader.done) {
    const start = reader.at;
    const opcode = readOpcode(reader);
    skipImmediates(reader, opcode);
    instructions.push({ name: NAME_OF[opcode] ?? '', start, end: reader.at, bytes: reader.bytes });
  }
  return instructions;
}

function labelsOf({ name, start, end, bytes }: Instruction): number[] {
  const reader = new Reader(bytes, start + 1, end);
  if (name.startsWith('br_on_cast')) reader.skip(reader.bytes[start] === 0xfb ? 2 : 0);
  if (name === 'br_table') {
    return Array.from({ length: reader.u32() + 1 }, () => reader.u32());
  }
  return [reader.u32()];
}

/** The labels of the clauses of a try_table, relative to the enclosing block. */
function catchLabelsOf({ start, end, bytes }: Instruction): number[] {
  const reader = new Reader(bytes, start + 1, end);
  const type = reader.bytes[reader.at] ?? 0;
  if (type === 0x40) reader.skip(1);
  else if (type > 0x40 && type < 0x80) readValueType(reader);
  else reader.s33();
  return Array.from({ length: reader.u32() }, () => {
    if (reader.u8() < 2) reader.u32();
    return reader.u32();
  });
}

/** For each instruction, whether a straight piece begins right after it. The values in dead code have no meaning. */
export function findBreaks(instructions: readonly Instruction[]): boolean[] {
  const open: { name: string; targeted: boolean }[] = [{ name: 'function', targeted: false }];
  let dead = 0;
  const aim = (depth: number) => {
    const label = open[open.length - 1 - depth];
    if (label !== undefined) label.targeted = true;
  };
  let live = true;
  return instructions.map((instruction) => {
    const { name } = instruction;
    if (OPENS.test(name)) {
      if (!live) {
        dead++;
        return false;
      }
      if (name === 'try_table') catchLabelsOf(instruction).forEach(aim);
      open.push({ name, targeted: false });
      return name === 'loop' || name === 'if';
    }
    if (name === 'end' || name === 'delegate') {
      if (dead > 0) {
        dead--;
        return false;
      }
      const block = open.pop();
      if (block === undefined || block.name === 'loop') return false;
      const joins = block.targeted || block.name === 'if' || block.name === 'try';
      live ||= joins;
      return joins;
    }
    if (dead > 0) return false;
    if (name === 'else' || name.startsWith('catch')) {
      live = true;
      return true;
    }
    if (!live) return false;
    if (BRANCHES.test(name) || name === 'br_table') labelsOf(instruction).forEach(aim);
    if (LEAVES.test(name)) live = false;
    return LEAVES.test(name) || BRANCHES.test(name) || CALLS.test(name);
  });
}
