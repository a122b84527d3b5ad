/**
 * Snapshots: a module-to-module transform for modules that export the hook {@link SNAPSHOT_HOOK}.
 *
 * The hook runs once, here. The result is the same module with memory and globals as the hook left them: each run starts
 * where the hook ended. The hook and the start function, which has run, are dropped. The code section and the data
 * segments stay as they are, byte for byte; segments with what the hook changed follow them, and a custom section says how
 * many are the first, so that snapshots of one module can share its code (../wasm/image/split.ts). Only the module and the
 * input decide the result, so it is the same in Node and in a browser.
 *
 *     const source = await openSnapshot(bytes);            // once per module
 *     const { module, output } = source.take(input);     // as often as there is other input
 *
 * A hook is code of an author who may be hostile. It is metered like any run, has no system call but standard input and
 * standard output, and does not wait: gas and memory bound what it costs.
 */
import { InputError } from '../errors.ts';
import { Gauge, meter, readPlan, type MeterPlan } from '../wasm/index.ts';
import { skipConstantExpression } from '../wasm/format/expression.ts';
import { readModule, signatureOf, type Module } from '../wasm/format/module.ts';
import { InitializationHost } from './host.ts';
import { findRuns } from './image.ts';
import { exportState, mutableGlobals, type OwnGlobal } from './state.ts';
import { writeSnapshot } from './write.ts';

/** The export that a module offers for a snapshot. It takes nothing and returns nothing. */
export const SNAPSHOT_HOOK = 'trisiel_initialize';

export interface SnapshotLimits {
  /** Gas of the start function and the hook together. */
  readonly gas: number;
  /** 64 KiB pages. */
  readonly memoryPages: number;
}

/** About four seconds of work. */
const DEFAULT_LIMITS: SnapshotLimits = { gas: 2_000_000_000, memoryPages: 1024 };

export interface SnapshotResult {
  readonly module: Uint8Array<ArrayBuffer>;
  /** What the hook wrote to standard output, standard error and the log, up to a bound. */
  readonly output: Uint8Array<ArrayBuffer>;
  readonly gas: number;
}

/** A hook that failed. `messages` is what it wrote before. */
export class SnapshotError extends InputError {
  readonly messages: string;
  constructor(message: string, messages: string) {
    super('initialization', message);
    this.name = 'SnapshotError';
    this.messages = messages;
  }
}

/**
 * Checks and compiles a module with a hook. Throws an InputError if it is malformed, does not export the hook as a
 * function without parameters and results, or has state that a snapshot cannot keep.
 * @param hook the name of the export
 */
export async function openSnapshot(
  bytes: Uint8Array,
  hook: string = SNAPSHOT_HOOK,
): Promise<SnapshotSource> {
  const own = bytes.slice();
  const module = readModule(own, skipConstantExpression);
  checkHook(module, hook);
  const globals = mutableGlobals(module);
  const metered = meter(exportState(module, globals));
  let compiled: WebAssembly.Module;
  try {
    compiled = await WebAssembly.compile(metered);
  } catch {
    throw new InputError(
      'malformed-module',
      'The module is not valid WebAssembly. Compile it again.',
    );
  }
  const plan = readPlan(compiled);
  if (!plan.isRenewable) {
    throw new InputError(
      'unsupported-feature',
      'A snapshot keeps memories and globals. This module changes tables, drops segments, or imports more than functions: build it without that.',
    );
  }
  return new SnapshotSource(module, hook, globals, compiled, plan);
}

/** A compiled module whose hook can be run with different input. */
export class SnapshotSource {
  readonly #module: Module;
  readonly #hook: string;
  readonly #globals: readonly OwnGlobal[];
  readonly #compiled: WebAssembly.Module;
  readonly #plan: MeterPlan;

  constructor(
    module: Module,
    hook: string,
    globals: readonly OwnGlobal[],
    compiled: WebAssembly.Module,
    plan: MeterPlan,
  ) {
    this.#module = module;
    this.#hook = hook;
    this.#globals = globals;
    this.#compiled = compiled;
    this.#plan = plan;
  }

  /**
   * Runs the hook in a new instance. Throws a SnapshotError if it traps, calls what it may not, or exceeds a limit.
   * @param input the hook's standard input
   */
  take(input: Uint8Array, limits: SnapshotLimits = DEFAULT_LIMITS): SnapshotResult {
    const plan = this.#plan;
    let stop: string | undefined;
    const gauge: Gauge = new Gauge(plan, {
      gasLimit: limits.gas,
      memoryPagesLimit: limits.memoryPages,
      sliceGas: limits.gas,
      canSuspend: false,
      onTurn: () => undefined,
      onLimit: (kind) => {
        if (kind === 'gas') stop ??= `it used more than ${limits.gas} gas`;
      },
    });
    if (!gauge.fits) throw new SnapshotError(tooMuchMemory(limits), '');
    const host = new InitializationHost(input, gauge);
    const imports = host.imports(WebAssembly.Module.imports(this.#compiled));
    try {
      const instance = new WebAssembly.Instance(this.#compiled, { ...imports, ...gauge.imports });
      gauge.attach(instance);
      const before = this.#readMemories(gauge).map((bytes) => bytes.slice());
      gauge.start(instance)?.();
      const hook = instance.exports[this.#hook];
      if (typeof hook === 'function') hook();
      // A hook that catches the refusal of a call must not go on with half of its work done.
      if (host.refusal !== undefined) throw host.refusal;
      return {
        module: this.#write(instance, gauge, before),
        output: host.output,
        gas: gauge.used,
      };
    } catch (error) {
      const why = host.refusal?.message ?? stop ?? describe(error);
      throw new SnapshotError(
        `The module failed while it was initialized: ${why}`,
        new TextDecoder().decode(host.output),
      );
    } finally {
      gauge.release();
    }
  }

  #readMemories(gauge: Gauge): Uint8Array[] {
    return this.#module.memories.map(
      (_, index) => new Uint8Array(gauge.memory(index)?.buffer ?? new ArrayBuffer(0)),
    );
  }

  #write(
    instance: WebAssembly.Instance,
    gauge: Gauge,
    before: readonly Uint8Array[],
  ): Uint8Array<ArrayBuffer> {
    const values = new Map<number, number | bigint>();
    for (const { index, exported } of this.#globals) {
      const global = instance.exports[exported];
      if (global instanceof WebAssembly.Global) values.set(index, readNumber(global));
    }
    const memories = this.#readMemories(gauge).map((bytes, index) => ({
      bytes,
      runs: findRuns(bytes, before[index] ?? new Uint8Array()),
    }));
    return writeSnapshot(this.#module, this.#hook, values, memories);
  }
}

function readNumber({ value }: WebAssembly.Global): number | bigint {
  const known: unknown = value;
  if (typeof known === 'number' || typeof known === 'bigint') return known;
  throw new TypeError('a global is not a number');
}

function describe(error: unknown): string {
  if (error instanceof WebAssembly.RuntimeError) return `it trapped (${error.message}).`;
  if (error instanceof RangeError) return `${error.message}.`;
  return error instanceof Error ? error.message : 'it threw an exception.';
}

function tooMuchMemory({ memoryPages }: SnapshotLimits): string {
  return `The module wants more than ${memoryPages} pages of memory for its initialization. Build it with less.`;
}

function checkHook(module: Module, hook: string): void {
  const found = module.exports.find(({ name }) => name === hook);
  if (found === undefined) {
    throw new InputError(
      'unsupported-feature',
      `The module does not export ${hook}, which a snapshot runs. Export a function of that name, or deploy the module as it is.`,
    );
  }
  const type =
    found.kind === 'function' ? signatureOf(module, module.functions[found.index]) : undefined;
  const isOwn = found.index >= module.importedFunctions;
  if (type === undefined || !isOwn || type.params.length + type.results.length > 0) {
    throw new InputError(
      'unsupported-feature',
      `The module's export ${hook} must be a function of its own that takes nothing and returns nothing.`,
    );
  }
}
