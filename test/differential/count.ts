/**
 * Counts executed instructions independently of the transform: adds a counter before each instruction, or before each
 * straight piece, without merging and without locals. Slow and simple, as a reference for the transform.
 */
import type { Module } from '../../olin/wasm/format/module.ts';

import { readOpcode, skipConstantExpression } from '../../olin/wasm/format/expression.ts';
import { readModule } from '../../olin/wasm/format/module.ts';
import { Reader } from '../../olin/wasm/format/read.ts';
import { SECTION_ORDER } from '../../olin/wasm/format/sections.ts';
import { readValueType } from '../../olin/wasm/format/types.ts';
import { Writer } from '../../olin/wasm/format/write.ts';
import { findBreaks, readBody, type Instruction } from './straight-pieces.ts';

export const COUNTER = 'test.counter';

/** Copied from the documentation, not from the tables of the transform. */
const FREE = /^(block|loop|try|try_table|else|catch|catch_all|delegate|end)$/;
/** Also charged by size: 1 for 8 bytes, 32 for a table element, 1 for an array element, 8192 for a page. */
const BYTES = /^memory\.(fill|copy|init)$/;
const ELEMENTS =
  /^(table\.(fill|copy|init)|array\.(new|new_default|new_data|new_elem|fill|copy|init_data|init_elem))$/;
const GROWS = /^(memory|table)\.grow$/;
/** Gas for a growth that fails. */
const FAILED = 1000;
/** Fixed costs other than 1. */
const EXPENSIVE: readonly (readonly [RegExp, number])[] = [
  [/^(throw|rethrow|throw_ref)$/, 2000],
  [/^table\.set$/, 32],
];

function costOf(name: string): number {
  if (FREE.test(name)) return 0;
  return EXPENSIVE.find(([pattern]) => pattern.test(name))?.[1] ?? 1;
}

/** Gas for entering a function: 1 for every 8 locals beyond 256. */
const costOfEntry = (locals: number): number => (locals > 256 ? (locals - 256) >> 3 : 0);

function add(out: Writer, counter: number, amount: number): void {
  out.u8(0x23);
  out.u32(counter);
  out.u8(0x42);
  out.signed(amount);
  out.u8(0x7c);
  out.u8(0x24);
  out.u32(counter);
}

/** Traps if the counter exceeds the limit, so that endless loops end. */
function bound(out: Writer, counter: number, limit: number): void {
  out.u8(0x23);
  out.u32(counter);
  out.u8(0x42);
  out.signed(limit);
  for (const byte of [0x55, 0x04, 0x40, 0x00, 0x0b]) out.u8(byte);
}

/** Whether the size operand has 64 bits: if the memory or table has, or both if there are two. */
function isWide(module: Module, { name, start, end, bytes }: Instruction): boolean {
  const reader = new Reader(bytes, start, end);
  readOpcode(reader);
  const spaces = name.startsWith('memory.') ? module.memories : module.tables;
  if (name.startsWith('array.') || name.endsWith('.init')) return false;
  const first = spaces[reader.u32()]?.is64 === true;
  return first && (!name.endsWith('.copy') || spaces[reader.u32()]?.is64 === true);
}

/** Adds the cost of the size on top of the stack; `scratch` is the first of two locals of the size's type. */
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

/**
 * Returns the module with a counter, exported as {@link COUNTER}. It traps at the start of a loop iteration beyond
 * `limit`.
 */
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
