/** The globals that a snapshot keeps, and the exports through which their values are read. */
import { InputError } from '../errors.ts';
import type { Module } from '../wasm/format/module.ts';
import { Reader } from '../wasm/format/read.ts';
import { SECTION } from '../wasm/format/sections.ts';
import { Writer } from '../wasm/format/write.ts';

export interface OwnGlobal {
  /** Among all globals. */
  readonly index: number;
  /** The name under which {@link exportState} exports it. */
  readonly exported: string;
}

const NUMBERS: readonly string[] = ['i32', 'i64', 'f32', 'f64'];
const KIND_GLOBAL = 3;

/** The mutable globals of the module. Throws an InputError if one is not a number. */
export function mutableGlobals(module: Module): OwnGlobal[] {
  const prefix = freePrefix(module);
  return module.globals.flatMap(({ value, mutable }, index) => {
    if (!mutable) return [];
    if (!NUMBERS.includes(value)) {
      throw new InputError(
        'unsupported-feature',
        `A snapshot keeps globals that are numbers. This module has a mutable global of type ${value}: build it without that.`,
      );
    }
    return [{ index, exported: `${prefix}${index}` }];
  });
}

/** A prefix that no export has. Takes one pass, even for adversarial names. */
function freePrefix(module: Module): string {
  const taken = new Set(module.exports.map(({ name }) => /^snapshot(\d{1,9})\./.exec(name)?.[1]));
  let free = 0;
  while (taken.has(String(free))) free++;
  return `snapshot${free}.`;
}

/** Returns the module with the globals exported too. */
export function exportState(module: Module, globals: readonly OwnGlobal[]): Uint8Array {
  const { bytes, sections } = module;
  const out = new Writer(bytes.length + globals.length * 24 + 64);
  out.copy(bytes, 0, 8);
  for (const { id, start, end, name } of sections) {
    const section = new Writer(end - start + 16);
    if (id === SECTION.export) {
      const reader = new Reader(bytes, start, end);
      section.u32(reader.count('exports') + globals.length);
      section.copy(bytes, reader.at, end);
      for (const { index, exported } of globals) {
        section.name(exported);
        section.u8(KIND_GLOBAL);
        section.u32(index);
      }
    } else {
      if (name !== undefined) section.name(name);
      section.copy(bytes, start, end);
    }
    out.u8(id);
    out.sized(section);
  }
  return out.take();
}
