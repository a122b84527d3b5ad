/**
 * Counts gas per function, in one mutable i64 global for each function. A function adds the cost of each straight piece
 * on entering it, and size-based costs after the operation. The budget is charged at the same points, so the globals
 * add up to the gas used.
 */
import type { Module } from './format/module.ts';
import type { MeterPlan } from './plan.ts';
import type { Writer } from './format/write.ts';

import { CODE } from './format/codes.ts';

/**
 * Maximum number of functions to profile. Each needs an export, and V8 allows a million of them; larger modules are
 * metered without a profile. With 200,000 functions, a profiled run takes 0.6 s longer.
 */
export const MAX_PROFILED = 500_000;

export const profileExport = (plan: Pick<MeterPlan, 'prefix'>, own: number): string =>
  `${plan.prefix}profile.${own}`;

/** The globals of a profile. */
export class Profile {
  /** Number of globals: one for each function that the module defines, in order. */
  readonly count: number;
  /** The index of the first global. */
  readonly first: number;
  readonly #imported: number;

  private constructor(module: Module, first: number) {
    this.#imported = module.importedFunctions;
    this.count = module.functions.length - this.#imported;
    this.first = first;
  }

  /** `first`: the first free global index. Returns undefined if there are too many functions. */
  static of(module: Module, first: number): Profile | undefined {
    const profile = new Profile(module, first);
    return profile.count > MAX_PROFILED ? undefined : profile;
  }

  /** Returns the global that counts a function, given the function's index in the module. */
  globalOf(index: number): number {
    return this.first + index - this.#imported;
  }
}

/** Adds the value that `push` pushes to a global. */
export function addToGlobal(out: Writer, global: number, push: () => void): void {
  out.op(CODE.globalGet, global);
  push();
  out.u8(CODE.i64Add);
  out.op(CODE.globalSet, global);
}
