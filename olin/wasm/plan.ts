/**
 * What the host must know of a metered module: the names the transform chose, how function indices moved.
 * It travels inside the module, as a custom section, so the metered bytes are all there is to keep.
 */
import type { MemoryType } from './host/memory-pool.ts';
import type { Module } from './format/module.ts';

import { InputError } from '../errors.ts';

export const PLAN_SECTION = 'olin.metered';
/** Raised when the woven code, what it charges, or the plan changes: what was metered before is metered again then. */
export const METER_VERSION = 3;

export interface MeterPlan {
  readonly version: number;
  /** The import module of the woven functions `turn` and `grow`, and the beginning of all woven export names. */
  readonly prefix: string;
  /** Functions the module imported before; those from here on moved up by `shift`. */
  readonly shiftFrom: number;
  readonly shift: number;
  /** The first of the functions added at the end, in the metered module. */
  readonly addedFrom: number;
  /** Memories that the module imports; memory i of them is exported as `{prefix}memory.{i}`. */
  readonly importedMemories: number;
  /** Memories that the module defined: the metered one imports them from `{prefix}meter`, as `memory.{i}`. */
  readonly memories: readonly MemoryType[];
  /** Pages of 64 KiB that memories and tables take before the first instruction (see host-pages.ts). */
  readonly initialPages: number;
  /** Elements that the tables take before the first instruction. */
  readonly initialElements: number;
  /** Whether the module had a start function: it is exported as `{prefix}start`, to be called once, before anything else. */
  readonly hasStart: boolean;
  /**
   * Whether nothing that a guest does outlives it but its memories and globals, so that an instance can be renewed for
   * another guest: `{prefix}renew` gives the globals their first values, and the host sees to the memories.
   */
  readonly isRenewable: boolean;
  /** Functions that were made threaded (see weave.ts): where each stands, and where its code is now. */
  readonly threads: readonly (readonly [caller: number, threaded: number])[];
  /**
   * Functions whose gas is counted apart: those that the module defines, the first of them function `shiftFrom`. What
   * number i of them used stands in the exported global `{prefix}profile.{i}`. Absent without a profile.
   */
  readonly profiled?: number;
}

/**
 * A beginning that no import module and no export of the module has: `olin.`, `olin1.`, … One pass, whatever names
 * the module was given to make it hard.
 */
export function choosePrefix(module: Module): string {
  const taken = new Set<number>();
  for (const name of [
    ...module.exports,
    ...module.imports.map((item) => ({ name: item.module })),
  ]) {
    const number = /^olin(\d{0,9})\./.exec(name.name)?.[1];
    if (number !== undefined) taken.add(number === '' ? 0 : Number(number));
  }
  let free = 0;
  while (taken.has(free)) free++;
  return free === 0 ? 'olin.' : `olin${free}.`;
}

export const gasExport = (plan: Pick<MeterPlan, 'prefix'>): string => `${plan.prefix}gas`;
export const startExport = (plan: Pick<MeterPlan, 'prefix'>): string => `${plan.prefix}start`;
export const renewExport = (plan: Pick<MeterPlan, 'prefix'>): string => `${plan.prefix}renew`;
export const memoryExport = (plan: Pick<MeterPlan, 'prefix'>, index: number): string =>
  `${plan.prefix}memory.${index}`;

/** Reads the plan of a compiled module; throws {@link InputError} where the module was not metered. */
export function readPlan(module: WebAssembly.Module): MeterPlan {
  const section = WebAssembly.Module.customSections(module, PLAN_SECTION)[0];
  if (section === undefined) {
    throw new InputError(
      'malformed-module',
      'This module carries no metering. Give it to olin as your compiler made it.',
    );
  }
  return JSON.parse(new TextDecoder().decode(section));
}

/** The index a function had before metering; undefined for one that metering added. */
export function originalFunction(plan: MeterPlan, index: number): number | undefined {
  if (index < plan.shiftFrom) return index;
  for (const [caller, threaded] of plan.threads) {
    if (index === caller) return undefined;
    if (index === threaded) return caller - plan.shift;
  }
  if (index < plan.shiftFrom + plan.shift || index >= plan.addedFrom) return undefined;
  return index - plan.shift;
}
