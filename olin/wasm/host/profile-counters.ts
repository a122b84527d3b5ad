/** Reads the globals in which a profiled module counts gas per function. */
import type { MeterPlan } from '../plan.ts';
import { profileExport } from '../profile.ts';

/** The gas that one function used. */
export interface OwnGas {
  /** The function's index in the module before metering. */
  readonly index: number;
  /** Instructions charged in its own body, excluding its callees. */
  readonly gas: number;
}

/** One global for each function that the module defines, in order; none if the module is not profiled. */
export function findCounters(
  plan: MeterPlan,
  exports: WebAssembly.Exports,
): readonly WebAssembly.Global[] {
  return Array.from({ length: plan.profiled ?? 0 }, (_, own) => {
    const counter = exports[profileExport(plan, own)];
    if (counter instanceof WebAssembly.Global) return counter;
    throw new TypeError('the instance is not profiled');
  });
}

const NONE: readonly OwnGas[] = [];

/** Gas per function, omitting functions that used none. */
export function readCounters(
  { shiftFrom }: MeterPlan,
  counters: readonly WebAssembly.Global[],
): readonly OwnGas[] {
  if (counters.length === 0) return NONE;
  return counters
    .map((counter, own) => ({ index: shiftFrom + own, gas: Number(counter.value) }))
    .filter(({ gas }) => gas > 0);
}
