/**
 * The binary format: what a module is, the module with metering woven in, and the host's side of it.
 *
 *     const report = inspect(bytes);                       // throws InputError
 *     const module = await WebAssembly.compile(meter(bytes));
 *     const plan = readPlan(module);                       // once a module
 *
 *     const gauge = new Gauge(plan, { gasLimit, sliceGas, memoryPagesLimit, onTurn, onLimit, canSuspend });
 *     if (!gauge.fits) …                                   // its declared memory is past the limit
 *     const instance = new WebAssembly.Instance(module, { ...gauge.imports, cwa: … });
 *     gauge.attach(instance);                              // before any call
 *     await gauge.start(instance)?.();                     // the start section, if there was one: metered like the rest
 *     await WebAssembly.promising(instance.exports._start)();
 *     gauge.used, gauge.peakMemoryPages                    // exact whenever the guest does not execute
 *     gauge.usedByFunction                                 // the same sum by function, after meter(bytes, { profile: true })
 *
 * To end a guest for good from a host function: call `gauge.exhaust()`, then throw. Whatever it catches, its next check
 * stops it. A stop is a WebAssembly trap (`unreachable`); who stopped it, `onLimit` or the caller of `exhaust` knows.
 * The memory is `gauge.memory(0)`, exported by the guest or not.
 *
 * In a backtrace `wasm-function[N]` is an index of the metered module: `originalFunction(plan, N)` gives the module's
 * own, or undefined for a frame of the woven code, which is to be left out. Names in V8's frames are the module's own.
 */
export { COST, FREE, FREE_LOCALS, INSTRUCTION_RATES, LOCALS_PER_GAS, SIZE_RATES } from './cost.ts';
export type { InstructionRate, SizeRate } from './cost.ts';
export { Gauge } from './host/gauge.ts';
export type { OwnGas } from './host/gauge.ts';
export { inspect } from './inspect.ts';
export type { ModuleReport } from './inspect.ts';
export { meter } from './meter.ts';
export type { MeterOptions } from './meter.ts';
export { originalFunction, readPlan } from './plan.ts';
export type { MeterPlan } from './plan.ts';
export { MAX_PROFILED } from './profile.ts';
