/** One run of a compiled module, from the first instruction to the bill. */
import { keepFrames } from './report/backtrace.ts';
import { GuestStop, describeTrap, type GuestEnd } from './report/ending.ts';
import { GuestMemory } from './memory.ts';
import type { RunnableModule } from '../module/module.ts';
import { Process } from './process.ts';
import { nameGas } from './report/profile.ts';
import { InstanceSlot } from './instance-slot.ts';
import { traceCalls } from './report/trace.ts';
import type { Bill, Call, RunOptions, RunResult, Trap } from '../types.ts';
import { startExport } from '../wasm/plan.ts';

/**
 * Runs `_start`. Settles when the guest has ended, whatever its end, and everything it opened is closed;
 * rejects only when `options` themselves are wrong.
 */
export async function run(module: RunnableModule, options: RunOptions): Promise<RunResult> {
  keepFrames();
  const process = new Process(options);
  const { record } = process;
  const trace: Call[] = [];
  const keep = (call: Call): void => {
    trace.push(call);
    options.onCall?.(call);
  };
  const decorate = options.trace === true ? traceCalls(process, keep) : undefined;
  const seat = InstanceSlot.take(module, process, decorate);
  let thrown: unknown;
  try {
    if (module.plan.profiled !== undefined) record.gasByCall = new Map();
    instantiate(module, process, seat);
    const { plan } = module;
    if (plan.hasStart) await seat.enter(startExport(plan));
    await seat.enter('_start');
  } catch (error) {
    thrown = error;
  }
  const closing = process.dispose();
  if (closing !== undefined) await closing;
  const { gauge } = seat;
  const trap = findTrap(process.end, thrown, module);
  seat.leave(trap === undefined && decorate === undefined);
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
  if (decorate === undefined) seat.free();
  return {
    exit: trap === undefined ? (process.exitStatus ?? 0) : null,
    ...(trap && { trap }),
    output: process.output.collected,
    errorOutput: process.output.collectedErrors,
    log: record.logLines,
    trace,
    bill,
  };
}

/** Why the guest was stopped, or trapped; undefined where it returned or exited. */
function findTrap(
  end: GuestEnd | undefined,
  thrown: unknown,
  module: RunnableModule,
): Trap | undefined {
  // A guest may catch what ends it, and return: it was stopped all the same.
  if (end instanceof GuestStop) return describeTrap(end, thrown, module.plan);
  return end !== undefined || thrown === undefined
    ? undefined
    : describeTrap(thrown, thrown, module.plan);
}

function instantiate({ plan }: RunnableModule, process: Process, seat: InstanceSlot): void {
  process.checkEnd();
  if (!seat.gauge.fits) {
    process.stopAtLimit('memory', process.limits.memoryPages, plan.initialPages);
  }
  seat.instantiate();
  process.memory = new GuestMemory(seat.gauge.memory(0));
}
