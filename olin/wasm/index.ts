/**
 * WebAssembly modules: inspecting them, weaving metering into them, and the host's side of metering.
 *
 *     const report = inspect(bytes);                       // throws InputError
 *     const module = await WebAssembly.compile(meter(bytes));
 *     const plan = readPlan(module);                       // once per module
 *
 *     const gauge = new Gauge(plan, { gasLimit, sliceGas, memoryPagesLimit, onTurn, onLimit, canSuspend });
 *     if (!gauge.fits) …                                   // its declared memory exceeds the limit
 *     const instance = new WebAssembly.Instance(module, { ...gauge.imports, cwa: … });
 *     gauge.attach(instance);                              // before any call
 *     await gauge.start(instance)?.();                     // the start function, if any: metered like the rest
 *     await WebAssembly.promising(instance.exports._start)();
 *     gauge.used, gauge.peakMemoryPages                    // exact whenever the guest is not executing
 *     gauge.usedByFunction                                 // gas per function, after meter(bytes, { profile: true })
 *
 * To end a guest from a host function, call `gauge.exhaust()`, then throw. Even if the guest catches the exception, its
 * next check stops it. A stop is a WebAssembly trap (`unreachable`); `onLimit` or the caller of `exhaust` knows the
 * reason. The memory is `gauge.memory(0)`, whether the guest exports it or not.
 *
 * In a backtrace, `wasm-function[N]` is an index in the metered module: `originalFunction(plan, N)` returns the original
 * index, or undefined for a frame of woven code, which should be omitted. Names in V8's frames are the original names.
 */
export { COST, FREE, FREE_LOCALS, INSTRUCTION_RATES, LOCALS_PER_GAS, SIZE_RATES } from './cost.ts';
export type { InstructionRate, SizeRate } from './cost.ts';
export { Gauge } from './host/gauge.ts';
export type { OwnGas } from './host/profile-counters.ts';
export { Image } from './image/image.ts';
export { splitModule } from './image/split.ts';
export { inspect } from './inspect.ts';
export type { ExportReport, ImportReport, ModuleReport } from './inspect.ts';
export { meter } from './meter.ts';
export type { MeterOptions } from './meter.ts';
export { METER_VERSION, originalFunction, readPlan, withImage } from './plan.ts';
export type { MeterPlan } from './plan.ts';
export { MAX_PROFILED } from './profile.ts';
