/** What the transform adds to a module: types, imports, a global, functions. */
import type { Module } from '../format/module.ts';
import type { Thread } from './weave.ts';

import { InputError } from '../../errors.ts';
import { CODE } from '../format/codes.ts';
import { signatureOf } from '../format/module.ts';

import { elementsOf, pagesOfElements, pagesOfMemories } from '../host/host-pages.ts';
import type { MemoryType } from '../host/memory-pool.ts';
import { NAME_OF } from '../format/opcodes.ts';
import { choosePrefix, METER_VERSION, type MeterPlan } from '../plan.ts';
import { Profile } from '../profile.ts';
import { makeSized, type SizedOperation } from './sized.ts';
import { renewalBody } from './woven-renewal.ts';
import type { Bounds } from '../format/types.ts';
import { Writer } from '../format/write.ts';

const NUMBERS: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

function bytes(...values: readonly number[]): Writer {
  const writer = new Writer(values.length);
  for (const value of values) writer.u8(value);
  return writer;
}

function functionType(params: readonly number[], results: readonly number[]): Writer {
  return bytes(CODE.function, params.length, ...params, results.length, ...results);
}

function functionImport(module: string, name: string, typeIndex: number): Writer {
  const writer = new Writer();
  writer.name(module);
  writer.name(name);
  writer.u8(0);
  writer.u32(typeIndex);
  return writer;
}

/** A memory that the module defined, imported in the same words. */
function memoryImport(module: string, index: number, { min, max, is64 }: Bounds): Writer {
  const writer = new Writer();
  writer.name(module);
  writer.name(`memory.${index}`);
  writer.u8(2);
  writer.u8((max === undefined ? 0 : 1) | (is64 ? 4 : 0));
  writer.u64(min);
  if (max !== undefined) writer.u64(max);
  return writer;
}

const memoryType = ({ min, max, is64 }: Bounds): MemoryType => ({
  min,
  ...(max === undefined ? {} : { max }),
  is64,
});

/** Writes the budget where the host finds it, asks the host, and ends the guest where it says so. */
function turnBody(turnImport: number, gas: number): Writer {
  const body = bytes(0);
  body.op(CODE.localGet, 0);
  body.op(CODE.globalSet, gas);
  body.op(CODE.call, turnImport);
  // No guest can catch a trap.
  for (const byte of [CODE.if, CODE.void, CODE.unreachable, CODE.end]) body.u8(byte);
  body.op(CODE.globalGet, gas);
  body.u8(CODE.end);
  return body;
}

export interface WovenFunction {
  /** Absent for a threaded function, which has the name of the one it is made from. */
  readonly name?: string;
  /** The function, in the module, that a threaded function is made from. */
  readonly madeFrom?: number;
  readonly typeIndex: number;
  body: Writer;
}

/** What stands where a threaded function stood: hands it the budget, and takes it back. */
function callerBody(params: number, threaded: number, gas: number): Writer {
  const body = bytes(0);
  for (let param = 0; param < params; param++) body.op(CODE.localGet, param);
  body.op(CODE.globalGet, gas);
  body.op(CODE.call, threaded);
  body.op(CODE.globalSet, gas);
  body.u8(CODE.end);
  return body;
}

/** Calls the start function. Exporting that one itself would declare it to `ref.func`, which may be what is missing. */
function startBody(start: number): Writer {
  const body = bytes(0);
  body.op(CODE.call, start);
  body.u8(CODE.end);
  return body;
}

/** Operations charged by size that a module may tell apart: each is a function. */
const MAX_SIZED = 4096;

/** The additions, of which the functions for operations charged by size are made where the code first needs them. */
export class Woven {
  readonly prefix: string;
  /** Functions from `shiftFrom` on move by `shift`. */
  readonly shiftFrom: number;
  readonly shift = 2;
  /** The index of the first function added at the end, which is the one that gives the host a turn. */
  readonly turn: number;
  /** The global that holds the budget left. */
  readonly gas: number;
  /** The globals that count gas by function, where they are wanted. */
  readonly profile: Profile | undefined;
  /** The function that calls the module's start function, if it has one. */
  readonly start: number | undefined;
  /** The function that gives the globals their first values, where {@link addRenewal} made it. */
  renewal: number | undefined;
  /** Entries for the ends of the type, import and function sections, and the bodies of the functions. */
  readonly types: Writer[];
  readonly imports: readonly Writer[];
  readonly functions: WovenFunction[];
  readonly #module: Module;
  readonly #firstType: number;
  readonly #importedMemories: number;
  /** By operation, and by type: what {@link sized} made. */
  readonly #sized = new Map<string, number>();
  readonly #sizedTypes = new Map<string, number>();
  readonly #threadTypes = new Map<string, number>();

  constructor(module: Module, profiled: boolean) {
    this.#module = module;
    this.#importedMemories = module.imports.filter(({ what }) => what.kind === 'memory').length;
    this.prefix = choosePrefix(module);
    this.shiftFrom = module.importedFunctions;
    this.turn = module.functions.length + this.shift;
    this.gas = module.globals.length;
    this.profile = profiled ? Profile.of(module, this.gas + 1) : undefined;
    const first = module.types.length;
    this.#firstType = first;
    this.types = [
      functionType([], [CODE.i32]),
      functionType([CODE.i64], [CODE.i64]),
      functionType([CODE.i32, CODE.f64], [CODE.i32]),
      functionType([], []),
    ];
    this.imports = [
      functionImport(`${this.prefix}meter`, 'turn', first),
      functionImport(`${this.prefix}meter`, 'grow', first + 2),
      ...module.memories
        .slice(this.#importedMemories)
        .map((type, own) =>
          memoryImport(`${this.prefix}meter`, this.#importedMemories + own, type),
        ),
    ];
    this.functions = [
      { name: 'olin.turn', typeIndex: first + 1, body: turnBody(this.shiftFrom, this.gas) },
    ];
    this.start = undefined;
    if (module.start !== undefined) {
      const body = startBody(this.movedFunction(module.start));
      this.start = this.#add({ name: 'olin.start', typeIndex: first + 3, body });
    }
  }

  /** Where a function of the module stands in the metered one. */
  movedFunction(index: number): number {
    return index < this.shiftFrom ? index : index + this.shift;
  }

  /**
   * Makes room for a function that takes the budget as one more parameter and gives it back as one more result; its
   * body is to be filled in. Undefined where the budget would not travel in registers.
   */
  thread(index: number): { thread: Thread; added: WovenFunction; caller: Writer } | undefined {
    const type = signatureOf(this.#module, this.#module.functions[index]);
    if (type === undefined || type.params.length > 4 || type.results.length > 1) return undefined;
    const params = type.params.map((param) => NUMBERS[param]).filter((code) => code !== undefined);
    const results = type.results
      .map((result) => NUMBERS[result])
      .filter((code) => code !== undefined);
    if (params.length < type.params.length || results.length < type.results.length)
      return undefined;
    const key = `${type.params.join()}:${type.results.join()}`;
    let typeIndex = this.#threadTypes.get(key);
    if (typeIndex === undefined) {
      typeIndex = this.#firstType + this.types.length;
      this.types.push(functionType([...params, CODE.i64], [...results, CODE.i64]));
      this.#threadTypes.set(key, typeIndex);
    }
    const added: WovenFunction = { madeFrom: index, typeIndex, body: new Writer(0) };
    const at = this.#add(added);
    const caller = callerBody(params.length, at, this.gas);
    return { thread: { index: at, blockType: results[0] ?? CODE.void }, added, caller };
  }

  /** Makes instances renewable, where nothing but the module's own memories and globals outlives a guest. */
  addRenewal(): void {
    if (this.profile !== undefined) return;
    const body = renewalBody(this.#module, this.shift);
    if (body === undefined) return;
    this.renewal = this.#add({ name: 'olin.renew', typeIndex: this.#firstType + 3, body });
  }

  #add(added: WovenFunction): number {
    return this.turn + this.functions.push(added) - 1;
  }

  /** The function that does an operation charged by size. `counter`: as in {@link SizedPlace}. */
  sized(operation: SizedOperation, counter: number | undefined): number {
    const { slot, first, second } = operation;
    const key = `${slot} ${first} ${second} ${counter ?? ''}`;
    const known = this.#sized.get(key);
    if (known !== undefined) return known;
    if (this.#sized.size >= MAX_SIZED && this.profile === undefined) {
      throw new InputError(
        'unsupported-feature',
        `This module works on more than ${MAX_SIZED} different segments, memories and tables with memory.init, table.copy and the like. Merge its data segments.`,
      );
    }
    const { gas, turn } = this;
    const place = { gas, turn, grow: this.shiftFrom + 1, counter };
    const { type, body } = makeSized(this.#module, operation, place);
    const name = `olin.${NAME_OF[slot]}`;
    const added = this.#add({ name, typeIndex: this.#typeIndex(type), body });
    this.#sized.set(key, added);
    return added;
  }

  /** Where a type stands among the added ones, which have it once. */
  #typeIndex(type: Writer): number {
    const key = type.bytes.subarray(0, type.length).join();
    let index = this.#sizedTypes.get(key);
    if (index === undefined) {
      index = this.#firstType + this.types.push(type) - 1;
      this.#sizedTypes.set(key, index);
    }
    return index;
  }

  get plan(): MeterPlan {
    const { memories, tables, start } = this.#module;
    return {
      version: METER_VERSION,
      prefix: this.prefix,
      shiftFrom: this.shiftFrom,
      shift: this.shift,
      addedFrom: this.turn,
      importedMemories: this.#importedMemories,
      memories: memories.slice(this.#importedMemories).map(memoryType),
      initialPages: pagesOfMemories(memories) + pagesOfElements(elementsOf(tables)),
      initialElements: elementsOf(tables),
      hasStart: start !== undefined,
      isRenewable: this.renewal !== undefined,
      threads: this.functions.flatMap(({ madeFrom }, index) =>
        madeFrom === undefined ? [] : [[this.movedFunction(madeFrom), this.turn + index] as const],
      ),
      ...(this.profile === undefined ? {} : { profiled: this.profile.count }),
    };
  }
}
