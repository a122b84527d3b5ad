/**
 * What the host needs to know about a metered module: the names that metering chose, and how function indices changed.
 * It is stored in the module as a custom section, so only the metered bytes need to be kept.
 */
import type { MemoryType } from './host/memory-pool.ts';
import type { Image, ImageType } from './image/image.ts';
import type { Module } from './format/module.ts';

import { InputError } from '../errors.ts';

export const PLAN_SECTION = 'olin.metered';
/** Incremented when the woven code, the gas schedule or the plan changes; modules are then metered again. */
export const METER_VERSION = 4;

export interface MeterPlan {
  readonly version: number;
  /** Prefix of the import module of `turn` and `grow`, and of all export names that metering adds. */
  readonly prefix: string;
  /** Number of functions the original module imports; functions from this index on moved up by `shift`. */
  readonly shiftFrom: number;
  readonly shift: number;
  /** Index in the metered module of the first function added at the end. */
  readonly addedFrom: number;
  /** Number of memories that the module imports; memory i is exported as `{prefix}memory.{i}`. */
  readonly importedMemories: number;
  /** Memories that the module defined; the metered module imports them from `{prefix}meter` as `memory.{i}`. */
  readonly memories: readonly MemoryType[];
  /** Initial size of memories and tables in 64 KiB pages (see host-pages.ts). */
  readonly initialPages: number;
  /** Initial number of table elements. */
  readonly initialElements: number;
  /** Whether the module had a start function. It is exported as `{prefix}start` and must be called once, first. */
  readonly hasStart: boolean;
  /**
   * Whether memories and globals are the only state that outlives a guest, so that an instance can be renewed for another
   * guest: `{prefix}renew` restores the globals, and the host restores the memories.
   */
  readonly isRenewable: boolean;
  /** Threaded functions (see weave.ts): the index of the caller, and the index of the function with the code. */
  readonly threads: readonly (readonly [caller: number, threaded: number])[];
  /**
   * Number of functions whose gas is counted separately: all that the module defines, starting with function `shiftFrom`.
   * The gas of function i is in the exported global `{prefix}profile.{i}`. Absent without a profile.
   */
  readonly profiled?: number;
  /**
   * Types of the globals whose initial values an image gives, if this is the code part of a module: `{prefix}renew` takes
   * the values, f32 and f64 as the integers with the same bits.
   */
  readonly imageGlobals?: readonly ImageType[];
  /** What instances begin with; see {@link withImage}. It is not stored. */
  readonly begins?: { readonly code: MeterPlan; readonly image: Image };
}

/**
 * Returns a prefix that no import module or export of the module uses: `olin.`, `olin1.`, … Takes one pass, even for
 * adversarial names.
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

/** Reads the plan of a compiled module. Throws {@link InputError} if the module was not metered. */
export function readPlan(module: WebAssembly.Module): MeterPlan {
  const section = WebAssembly.Module.customSections(module, PLAN_SECTION)[0];
  if (section === undefined) {
    throw new InputError(
      'malformed-module',
      'This module is not metered. Use the module that your compiler wrote.',
    );
  }
  return JSON.parse(new TextDecoder().decode(section));
}

/** The plan of a module that was split. Throws a TypeError if the image is not one of this code. */
export function withImage(code: MeterPlan, image: Image): MeterPlan {
  const types = image.globals.map(({ type }) => type);
  const [memory] = code.memories;
  if (code.imageGlobals?.join() !== types.join() || memory === undefined) {
    throw new TypeError('the image is not one of this code');
  }
  return {
    ...code,
    memories: [{ ...memory, min: image.pages }],
    // The code's own memory is empty, which counts as one page.
    initialPages: code.initialPages - 1 + Math.max(1, image.pages),
    begins: { code, image },
  };
}

/** Returns the index a function had before metering, or undefined for a function that metering added. */
export function originalFunction(plan: MeterPlan, index: number): number | undefined {
  if (index < plan.shiftFrom) return index;
  for (const [caller, threaded] of plan.threads) {
    if (index === caller) return undefined;
    if (index === threaded) return caller - plan.shift;
  }
  if (index < plan.shiftFrom + plan.shift || index >= plan.addedFrom) return undefined;
  return index - plan.shift;
}
