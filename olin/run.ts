/** One run of a compiled module, from the first instruction to the bill. */
import { keepFrames } from './backtrace.ts';
import { bindImports } from './bind.ts';
import { GuestStop, limitStop, tellTrap, type GuestEnd } from './ending.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { GuestMemory } from './memory.ts';
import type { CompiledModule } from './module.ts';
import { DEFAULT_POLICY, type Policy } from './policy.ts';
import { LONGEST_TIMER_MS, Process } from './process.ts';
import { nameGas } from './profile.ts';
import { traceCalls } from './trace.ts';
import type { ByteSink, Call, Limits, RunOptions, RunResult, Trap } from './types.ts';
import { Gauge } from './wasm/index.ts';
import { startExport } from './wasm/plan.ts';

/** Gas between two turns of the event loop: about a millisecond of work. */
const SLICE_GAS = 500_000;

/**
 * Runs `_start`. Settles when the guest has ended, whatever its end, and everything it opened is closed;
 * rejects only when `options` themselves are wrong.
 */
export async function run(module: CompiledModule, options: RunOptions): Promise<RunResult> {
  keepFrames();
  const policy = options.policy ?? DEFAULT_POLICY;
  const limits = chooseLimits(options.limits, policy);
  const output = new Collector();
  const errorOutput = new Collector();
  const process = new Process(
    { ...options, policy, limits },
    options.stdout ?? output.take,
    options.stderr ?? errorOutput.take,
  );
  const gauge = makeGauge(module, process, options);
  const trace: Call[] = [];
  const unwatch = watchOutside(process, options.signal);
  let thrown: unknown;
  try {
    await start(module, process, gauge, options, trace);
  } catch (error) {
    thrown = error;
  } finally {
    unwatch();
    await process.dispose();
    // The next guest gets the memory: nothing of this run may reach it any more.
    process.memory.close();
    gauge.release();
  }
  const trap = findTrap(process.end, thrown, module);
  const gasByFunction = nameGas(gauge.usedByFunction, module.report);
  return {
    exit: trap === undefined ? (process.exitStatus ?? 0) : null,
    ...(trap === undefined ? {} : { trap }),
    output: output.bytes(),
    errorOutput: errorOutput.bytes(),
    log: process.logLines,
    trace,
    bill: {
      gas: gauge.used,
      ...(gasByFunction && { gasByFunction }),
      memoryPages: gauge.peakMemoryPages,
      calls: Object.fromEntries(process.calls),
      urls: process.urls,
      bytesIn: process.bytesIn,
      bytesOut: process.bytesOut,
      wallMs: process.elapsedMs,
    },
  };
}

/** Why the guest was stopped, or trapped; undefined where it returned or exited. */
function findTrap(
  end: GuestEnd | undefined,
  thrown: unknown,
  module: CompiledModule,
): Trap | undefined {
  // A guest may catch what ends it, and return: it was stopped all the same.
  if (end instanceof GuestStop) return tellTrap(end, thrown, module.plan);
  return end !== undefined || thrown === undefined
    ? undefined
    : tellTrap(thrown, thrown, module.plan);
}

async function start(
  module: CompiledModule,
  process: Process,
  gauge: Gauge,
  options: RunOptions,
  trace: Call[],
): Promise<void> {
  const { plan } = module;
  if (!gauge.fits) {
    process.stopAtLimit('memory', process.limits.memoryPages, plan.initialPages);
  }
  process.onEnd = () => gauge.exhaust();
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = { ...gauge.imports };
  const keep = (call: Call): void => {
    trace.push(call);
    options.onCall?.(call);
  };
  const decorate = options.trace === true ? traceCalls(process, keep) : undefined;
  bindImports(imports, module.functions, process, decorate);
  const instance = new WebAssembly.Instance(module.module, imports);
  gauge.attach(instance);
  process.memory = new GuestMemory(gauge.memory(0));
  for (const name of plan.hasStart ? [startExport(plan), '_start'] : ['_start']) {
    const entry = instance.exports[name];
    if (typeof entry !== 'function') throw new Error(`the module does not export ${name}`);
    const { promising } = WebAssembly;
    const call = process.platform.canSuspend && promising ? promising(entry) : entry;
    await call();
  }
}

/** The policy's limits and the caller's, the lower of the two where both speak. */
function chooseLimits(wanted: Partial<Limits> | undefined, policy: Policy): Limits {
  const gas = Math.min(wanted?.gas ?? Infinity, policy.gasLimit);
  const memoryPages = Math.min(wanted?.memoryPages ?? Infinity, policy.ramPageLimit);
  return { ...DEFAULT_LIMITS, ...wanted, gas, memoryPages };
}

function makeGauge(module: CompiledModule, process: Process, options: RunOptions): Gauge {
  const { gas, memoryPages } = process.limits;
  const { canSuspend } = process.platform;
  const turn = options.turn ?? (() => options.platform.turn());
  let warned = false;
  const gauge: Gauge = new Gauge(module.plan, {
    gasLimit: gas,
    memoryPagesLimit: memoryPages,
    sliceGas: SLICE_GAS,
    canSuspend,
    onTurn: () => (canSuspend ? turn() : undefined),
    ...(options.grow === undefined ? {} : { grow: options.grow }),
    onLimit(kind) {
      if (kind === 'gas') {
        process.stop(limitStop('gas', gas, gauge.used));
      } else if (!warned) {
        warned = true;
        process.warn(
          `memory.grow failed: the limit is ${memoryPages} pages of 64 KiB, and more were wanted. Raise ram-page-limit in the policy, or use less.`,
        );
      }
    },
  });
  return gauge;
}

/** Stops the guest when its time is up or its caller gives up; the returned function ends the watch. */
function watchOutside(process: Process, signal: AbortSignal | undefined): () => void {
  const { wallMs } = process.limits;
  const stopTimer = process.platform.timer(Math.min(wallMs, LONGEST_TIMER_MS), () => {
    process.endFromOutside('time', { limit: wallMs, used: Math.round(process.elapsedMs) });
  });
  const cancel = (): void => process.endFromOutside('cancelled');
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  return () => {
    stopTimer();
    signal?.removeEventListener('abort', cancel);
  };
}

/** Keeps what is written. */
class Collector {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  readonly take: ByteSink = (chunk) => {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  };

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}
