/** Runs a compiled module. */
import { keepFrames } from './report/backtrace.ts';
import { GuestStop, describeStop, type GuestEnd } from './report/ending.ts';
import { withGivenFiles } from './given-files.ts';
import { GuestMemory } from './memory.ts';
import { ENTRY } from '../module/entry.ts';
import type { RunnableModule } from '../module/module.ts';
import { Process } from './process.ts';
import { nameGas } from './report/profile.ts';
import { InstanceSlot } from './instance-slot.ts';
import { traceCalls } from './report/trace.ts';
import type { Bill, TracedCall, RunOptions, RunResult, StopReason } from '../types.ts';
import { startExport } from '../wasm/plan.ts';

/**
 * Runs `_start`. Resolves when the guest has ended, for whatever reason, and everything it opened is closed.
 * Rejects only if `options` are invalid.
 */
export async function run(module: RunnableModule, options: RunOptions): Promise<RunResult> {
  keepFrames();
  const process = new Process(withGivenFiles(module.module, options));
  const { record } = process;
  const trace: TracedCall[] = [];
  const keep = (call: TracedCall): void => {
    trace.push(call);
    options.onCall?.(call);
  };
  const decorate = options.trace === true ? traceCalls(process, keep) : undefined;
  const slot = InstanceSlot.take(module, process, decorate);
  let thrown: unknown;
  /** The exit status that the entry returned, if it returns one. */
  let returnedStatus = 0;
  try {
    if (module.plan.profiled !== undefined) record.gasByCall = new Map();
    instantiate(module, process, slot);
    const { plan } = module;
    if (plan.hasStart) await slot.enter(startExport(plan));
    const returned = await slot.enter(ENTRY);
    if (typeof returned === 'number') returnedStatus = returned;
  } catch (error) {
    thrown = error;
  }
  const closing = process.dispose();
  if (closing !== undefined) await closing;
  const { gauge } = slot;
  const trap = findStopReason(process.end, thrown, module);
  slot.leave(trap === undefined && decorate === undefined);
  const gasByFunction = nameGas(gauge.usedByFunction, module, record.gasByCall);
  const bill: Bill = {
    gas: gauge.used,
    ...(gasByFunction && { gasByFunction }),
    memoryPages: gauge.peakMemoryPages,
    calls: record.calls,
    urls: record.urls,
    bytesIn: record.bytesIn,
    bytesOut: record.bytesOut,
    wallMs: process.elapsedMs,
  };
  if (decorate === undefined) slot.free();
  return {
    exit: trap === undefined ? (process.exitStatus ?? returnedStatus) : null,
    ...(trap && { trap }),
    output: process.output.collected,
    errorOutput: process.output.collectedErrors,
    log: record.logLines,
    trace,
    bill,
  };
}

/** Returns why the guest was stopped or trapped; undefined if it returned or exited. */
function findStopReason(
  end: GuestEnd | undefined,
  thrown: unknown,
  module: RunnableModule,
): StopReason | undefined {
  // A guest may catch the stop and return; it still counts as stopped.
  if (end instanceof GuestStop) return describeStop(end, thrown, module.plan);
  return end !== undefined || thrown === undefined
    ? undefined
    : describeStop(thrown, thrown, module.plan);
}

function instantiate({ plan }: RunnableModule, process: Process, slot: InstanceSlot): void {
  process.checkEnd();
  if (!slot.gauge.fits) {
    process.stopAtLimit('memory', process.limits.memoryPages, plan.initialPages);
  }
  slot.instantiate();
  process.memory = new GuestMemory(slot.gauge.memory(0));
}
