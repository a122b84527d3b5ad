/**
 * An independent account of executed instructions: a module with a plain counter before each instruction, or before
 * each straight piece, nothing merged, nothing kept in a local. Slow and simple, to hold the real transform against.
 */
import type { Module } from '../../olin/wasm/format/module.ts';

import {
  readOpcode,
  skipConstantExpression,
  skipImmediates,
} from '../../olin/wasm/format/expression.ts';
import { readModule } from '../../olin/wasm/format/module.ts';
import { NAME_OF } from '../../olin/wasm/format/opcodes.ts';
import { Reader } from '../../olin/wasm/format/read.ts';
import { SECTION_ORDER } from '../../olin/wasm/format/sections.ts';
import { readValueType } from '../../olin/wasm/format/types.ts';
import { Writer } from '../../olin/wasm/format/write.ts';

export const COUNTER = 'test.counter';

interface Instruction {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** Straight from the documentation, not from the transform's tables. */
const FREE = /^(block|loop|try|try_table|else|catch|catch_all|delegate|end)$/;
const OPENS = /^(block|loop|if|try|try_table)$/;
const LEAVES = /^(br|br_table|return|unreachable|throw|rethrow|throw_ref|return_call.*)$/;
const BRANCHES = /^(br|br_if|br_on_.*)$/;
const CALLS = /^(call|call_indirect|call_ref)$/;
/** Charged by size too: 1 for 8 bytes, 32 for an element of a table, 1 for one of an array, 8192 a page. */
const BYTES = /^memory\.(fill|copy|init)$/;
const ELEMENTS =
  /^(table\.(fill|copy|init)|array\.(new|new_default|new_data|new_elem|fill|copy|init_data|init_elem))$/;
const GROWS = /^(memory|table)\.grow$/;
/** A growth that fails. */
const FAILED = 1000;
/** Cost more than 1 whatever they work on. */
const DEAR: readonly (readonly [RegExp, number])[] = [
  [/^(throw|rethrow|throw_ref)$/, 2000],
  [/^table\.set$/, 32],
];

function costOf(name: string): number {
  if (FREE.test(name)) return 0;
  return DEAR.find(([pattern]) => pattern.test(name))?.[1] ?? 1;
}

/** Entering a function: 1 for 8 locals past 256. */
const costOfEntry = (locals: number): number => (locals > 256 ? (locals - 256) >> 3 : 0);

function readBody(reader: Reader): Instruction[] {
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

/** Labels that try_table's clauses name, counted from outside of it. */
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

/** For each instruction: whether a straight piece begins right after it. Dead code is of no matter. */
function findBreaks(instructions: readonly Instruction[]): boolean[] {
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

function add(out: Writer, counter: number, amount: number): void {
  out.u8(0x23);
  out.u32(counter);
  out.u8(0x42);
  out.signed(amount);
  out.u8(0x7c);
  out.u8(0x24);
  out.u32(counter);
}

/** Ends what would run without end: traps when the counter passes the bound. */
function bound(out: Writer, counter: number, limit: number): void {
  out.u8(0x23);
  out.u32(counter);
  out.u8(0x42);
  out.signed(limit);
  for (const byte of [0x55, 0x04, 0x40, 0x00, 0x0b]) out.u8(byte);
}

/** Whether the size operand has 64 bits: that of the memory or table, of both where there are two. */
function isWide(module: Module, { name, start, end, bytes }: Instruction): boolean {
  const reader = new Reader(bytes, start, end);
  readOpcode(reader);
  const spaces = name.startsWith('memory.') ? module.memories : module.tables;
  if (name.startsWith('array.') || name.endsWith('.init')) return false;
  const first = spaces[reader.u32()]?.is64 === true;
  return first && (!name.endsWith('.copy') || spaces[reader.u32()]?.is64 === true);
}

/** Adds what the size on top of the stack costs; `scratch` is the first of two locals of the size's type. */
function countSize(
  out: Writer,
  instruction: Instruction,
  counter: number,
  scratch: number,
  wide: boolean,
): void {
  const { name, start, end, bytes } = instruction;
  const extend = wide ? [] : [0xad];
  const put = (...codes: readonly number[]) => {
    for (const code of codes) out.u8(code);
  };
  out.op(0x22, scratch);
  out.copy(bytes, start, end);
  if (GROWS.test(name)) out.op(0x22, scratch + 1);
  out.op(0x23, counter);
  out.op(0x20, scratch);
  put(...extend);
  if (BYTES.test(name)) put(0x42, 3, 0x88);
  if (name === 'memory.grow') put(0x42, 13, 0x86);
  if (name.startsWith('table.')) put(0x42, 5, 0x86);
  if (GROWS.test(name)) {
    put(0x42);
    out.signed(FAILED);
    out.op(0x20, scratch + 1);
    put(...(wide ? [0x42, 0x7f, 0x52] : [0x41, 0x7f, 0x47]), 0x1b);
  }
  put(0x7c);
  out.op(0x24, counter);
}

function countBody(
  module: Module,
  index: number,
  reader: Reader,
  by: 'instruction' | 'piece',
  limit: number,
): Writer {
  const counter = module.globals.length;
  const out = new Writer();
  const type = module.types[module.functions[index] ?? -1];
  let locals = type?.kind === 'function' ? type.params.length : 0;
  const groups = reader.u32();
  const start = reader.at;
  for (let group = 0; group < groups; group++) {
    locals += reader.u32();
    readValueType(reader);
  }
  out.u32(groups + 2);
  out.copy(reader.bytes, start, reader.at);
  for (const byte of [2, 0x7f, 2, 0x7e]) out.u8(byte);
  const instructions = readBody(reader);
  const breaks = findBreaks(instructions);
  const costFrom = (at: number): number => {
    let cost = 0;
    for (let next = at; next < instructions.length; next++) {
      cost += costOf(instructions[next]?.name ?? '');
      if (breaks[next] === true) break;
    }
    return cost;
  };
  if (costOfEntry(locals) > 0) add(out, counter, costOfEntry(locals));
  instructions.forEach((instruction, at) => {
    const { name } = instruction;
    if (by === 'instruction' && costOf(name) > 0) add(out, counter, costOf(name));
    if (by === 'piece' && (at === 0 || breaks[at - 1] === true)) add(out, counter, costFrom(at));
    if (BYTES.test(name) || ELEMENTS.test(name) || GROWS.test(name)) {
      const wide = isWide(module, instruction);
      countSize(out, instruction, counter, wide ? locals + 2 : locals, wide);
    } else out.copy(instruction.bytes, instruction.start, instruction.end);
    if (name === 'loop') bound(out, counter, limit);
  });
  return out;
}

/** The module with the plain counter, exported as {@link COUNTER}; it traps at loops past `limit`. */
export function withCounter(
  bytes: Uint8Array,
  by: 'instruction' | 'piece',
  limit = 50_000_000,
): Uint8Array<ArrayBuffer> {
  const module = readModule(bytes, skipConstantExpression);
  const out = new Writer(bytes.length * 2);
  out.copy(bytes, 0, 8);
  const write = (id: number, contents: Writer) => {
    out.u8(id);
    out.sized(contents);
  };
  for (const id of SECTION_ORDER) {
    const section = module.sections.find((one) => one.id === id);
    const reader = new Reader(bytes, section?.start ?? 0, section?.end ?? 0);
    const contents = new Writer();
    if (id === 6 || id === 7) {
      contents.u32((section === undefined ? 0 : reader.u32()) + 1);
      contents.copy(bytes, reader.at, reader.end);
      if (id === 6) for (const byte of [0x7e, 1, 0x42, 0, 0x0b]) contents.u8(byte);
      else {
        contents.name(COUNTER);
        contents.u8(3);
        contents.u32(module.globals.length);
      }
    } else if (section === undefined) continue;
    else if (id === 10) {
      const count = reader.u32();
      contents.u32(count);
      for (let index = 0; index < count; index++) {
        const length = reader.u32();
        const body = new Reader(bytes, reader.at, reader.at + length);
        contents.sized(countBody(module, module.importedFunctions + index, body, by, limit));
        reader.skip(length);
      }
    } else contents.copy(bytes, reader.at, reader.end);
    write(id, contents);
  }
  return out.take();
}
