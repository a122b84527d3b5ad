/** What the transform adds to a module: types, imports, a global, functions. */
import type { Module } from './module.ts';

import { choosePrefix, type MeterPlan } from './plan.ts';
import { Writer } from './write.ts';

const I32 = 0x7f;
const I64 = 0x7e;
const F64 = 0x7c;

function bytes(...values: readonly number[]): Writer {
  const writer = new Writer(values.length);
  for (const value of values) writer.u8(value);
  return writer;
}

function functionType(params: readonly number[], results: readonly number[]): Writer {
  return bytes(0x60, params.length, ...params, results.length, ...results);
}

function functionImport(module: string, name: string, typeIndex: number): Writer {
  const writer = new Writer();
  writer.name(module);
  writer.name(name);
  writer.u8(0);
  writer.u32(typeIndex);
  return writer;
}

/** Writes the budget where the host finds it, asks the host, and ends the guest where it says so. */
function turnBody(turnImport: number, gas: number): Writer {
  const body = bytes(0);
  body.u8(0x20); // local.get 0
  body.u8(0);
  body.u8(0x24); // global.set
  body.u32(gas);
  body.u8(0x10); // call
  body.u32(turnImport);
  body.u8(0x04); // if
  body.u8(0x40);
  body.u8(0x00); // unreachable: no guest can catch it
  body.u8(0x0b);
  body.u8(0x23); // global.get
  body.u32(gas);
  body.u8(0x0b);
  return body;
}

/** Gives back the wanted growth, or, where the host says no, a growth that cannot be: -1. */
function growBody(growImport: number, space: number, is64: boolean): Writer {
  const body = bytes(0);
  body.u8(0x20); // local.get 0
  body.u8(0);
  body.u8(is64 ? 0x42 : 0x41); // const -1
  body.signed(-1);
  body.u8(0x41); // i32.const
  body.signed(space);
  body.u8(0x20);
  body.u8(0);
  body.u8(is64 ? 0xba : 0xb8); // f64.convert_i64_u or f64.convert_i32_u
  body.u8(0x10); // call
  body.u32(growImport);
  body.u8(0x1b); // select
  body.u8(0x0b);
  return body;
}

/** Sums in doubles: what does not fit is past every limit anyway. */
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

export interface WovenFunction {
  readonly name: string;
  readonly typeIndex: number;
  readonly body: Writer;
}

/** Calls the start function. Exporting that one itself would declare it to `ref.func`, which may be what is missing. */
function startBody(start: number): Writer {
  const body = bytes(0, 0x10);
  body.u32(start);
  body.u8(0x0b);
  return body;
}

/** The additions, of which the functions that ask for a growth are made where the code first needs them. */
export class Woven {
  readonly prefix: string;
  /** Functions from `shiftFrom` on move by `shift`. */
  readonly shiftFrom: number;
  readonly shift = 2;
  /** The index of the first function added at the end, which is the one that gives the host a turn. */
  readonly turn: number;
  /** The global that holds the budget left. */
  readonly gas: number;
  /** The function that calls the module's start function, if it has one. */
  readonly start: number | undefined;
  /** Entries for the ends of the type, import and function sections, and the bodies of the functions. */
  readonly types: readonly Writer[];
  readonly imports: readonly Writer[];
  readonly functions: WovenFunction[];
  readonly #module: Module;
  readonly #firstType: number;
  readonly #growers = new Map<string, number>();

  constructor(module: Module) {
    this.#module = module;
    this.prefix = choosePrefix(module);
    this.shiftFrom = module.importedFunctions;
    this.turn = module.functions.length + this.shift;
    this.gas = module.globals.length;
    const first = module.types.length;
    this.#firstType = first;
    this.types = [
      functionType([], [I32]),
      functionType([I64], [I64]),
      functionType([I32, F64], [I32]),
      functionType([I32], [I32]),
      functionType([], []),
    ];
    this.imports = [
      functionImport(`${this.prefix}meter`, 'turn', first),
      functionImport(`${this.prefix}meter`, 'grow', first + 2),
    ];
    this.functions = [
      { name: 'olin.turn', typeIndex: first + 1, body: turnBody(this.shiftFrom, this.gas) },
    ];
    this.start = undefined;
    if (module.start !== undefined) {
      const moved = module.start < this.shiftFrom ? module.start : module.start + this.shift;
      this.start = this.turn + this.functions.length;
      this.functions.push({ name: 'olin.start', typeIndex: first + 4, body: startBody(moved) });
    }
  }

  /** The function that asks how much a memory or a table may grow. */
  grower(space: 'memory' | 'table', index: number): number {
    const key = `${space} ${index}`;
    const known = this.#growers.get(key);
    if (known !== undefined) return known;
    const { memories, tables } = this.#module;
    const is64 = (space === 'memory' ? memories : tables)[index]?.is64 === true;
    const body = growBody(this.shiftFrom + 1, space === 'memory' ? 0 : 1, is64);
    const typeIndex = this.#firstType + (is64 ? 1 : 3);
    const added = this.turn + this.functions.push({ name: 'olin.grow', typeIndex, body }) - 1;
    this.#growers.set(key, added);
    return added;
  }

  get plan(): MeterPlan {
    const { memories, tables, start } = this.#module;
    return {
      version: 1,
      prefix: this.prefix,
      shiftFrom: this.shiftFrom,
      shift: this.shift,
      addedFrom: this.turn,
      memories: memories.length,
      initialPages: sum(memories.map(({ min }) => min)),
      initialElements: sum(tables.map(({ min }) => min)),
      hasStart: start !== undefined,
    };
  }
}
