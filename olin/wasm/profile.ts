/**
 * Gas by function, for a module woven with a profile: one more mutable i64 global a function, to which the function
 * adds what each straight piece costs as it enters it, and what each size costs once the operation is done. That is where
 * the budget is charged too, so the globals add up to what is used, and the budget itself is counted as ever.
 */
import type { Module } from './format/module.ts';
import type { MeterPlan } from './plan.ts';
import type { Writer } from './format/write.ts';

import { CODE } from './format/codes.ts';

/** Functions a module may define to be profiled: each costs an export, so one with more is woven without a profile. */
export const MAX_PROFILED = 4000;

export const profileExport = (plan: Pick<MeterPlan, 'prefix'>, own: number): string =>
  `${plan.prefix}profile.${own}`;

/** The globals of a profile. */
export class Profile {
  /** How many there are: one for each function that the module defines, in their order. */
  readonly count: number;
  /** The index of the first. */
  readonly first: number;
  readonly #imported: number;

  private constructor(module: Module, first: number) {
    this.#imported = module.importedFunctions;
    this.count = module.functions.length - this.#imported;
    this.first = first;
  }

  /** `first`: the index of the first global that is free. */
  static of(module: Module, first: number): Profile | undefined {
    const profile = new Profile(module, first);
    return profile.count > MAX_PROFILED ? undefined : profile;
  }

  /** The global of a function, by the function's index in the module. */
  globalOf(index: number): number {
    return this.first + index - this.#imported;
  }
}

/** Adds to a global what `push` leaves on the stack. */
export function addToGlobal(out: Writer, global: number, push: () => void): void {
  out.op(CODE.globalGet, global);
  push();
  out.u8(CODE.i64Add);
  out.op(CODE.globalSet, global);
}
