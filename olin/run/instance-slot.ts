/**
 * What a run needs to execute: the import object, the gauge and an instance of the module. Creating them costs more
 * than the rest of a short run, so successive runs share a slot. Each guest gets an instance in its initial state: it
 * is renewed (see wasm/host/renewal.ts), or created anew if it cannot be renewed or its guest was stopped.
 */
import { bindImports, type CurrentRun, type Decorator } from './bind.ts';
import type { RunnableModule } from '../module/module.ts';
import type { Platform } from '../types.ts';
import type { Process } from './process.ts';
import { Idle } from './idle-instances.ts';
import { Gauge } from '../wasm/index.ts';

/** Gas between two turns of the event loop: about a millisecond of work. */
const SLICE_GAS = 500_000;
/** Maximum number of free slots per module. */
const MAX_FREE = 64;

/** The free slots that have an instance. */
const idle = new Idle<InstanceSlot>();

/** Free slots by module. */
const free = new WeakMap<RunnableModule, InstanceSlot[]>();

export class InstanceSlot implements CurrentRun {
  readonly gauge: Gauge;
  readonly #module: RunnableModule;
  readonly #canSuspend: boolean;
  readonly #functions: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  #imports: WebAssembly.Imports | undefined;
  #instance: WebAssembly.Instance | undefined;
  /** Callable exports by name. */
  #entries: Record<string, () => unknown> = {};
  #process: Process | undefined;
  #hasWarned = false;

  private constructor(
    module: RunnableModule,
    { canSuspend, isZero }: Platform,
    decorate?: Decorator,
  ) {
    this.#module = module;
    this.#canSuspend = canSuspend;
    this.gauge = new Gauge(module.plan, {
      gasLimit: 0,
      memoryPagesLimit: 0,
      sliceGas: SLICE_GAS,
      canSuspend,
      isZero,
      onTurn: () => (canSuspend ? this.#process?.turn() : undefined),
      grow: (pages) => this.#process?.grow(pages) ?? false,
      onLimit: (kind) => this.#describeLimit(kind),
    });
    bindImports(this.#functions, module.functions, this, { canSuspend, decorate });
  }

  /** Returns a slot for one run; call {@link leave} at its end. A decorated slot is new and is not reused. */
  static take(module: RunnableModule, process: Process, decorate?: Decorator): InstanceSlot {
    const { canSuspend } = process.platform;
    const known = decorate === undefined ? free.get(module)?.pop() : undefined;
    if (known !== undefined) idle.delete(known);
    const isFit = known !== undefined && known.#canSuspend === canSuspend;
    if (!isFit) known?.clear();
    const slot = isFit ? known : new InstanceSlot(module, process.platform, decorate);
    const { gas, memoryPages } = process.limits;
    slot.gauge.bound({ gasLimit: gas, memoryPagesLimit: memoryPages });
    slot.#process = process;
    slot.#hasWarned = false;
    process.onEnd = () => slot.gauge.exhaust();
    process.meter = slot.gauge;
    return slot;
  }

  get process(): Process | undefined {
    return this.#process;
  }

  /** Provides an instance in its initial state. */
  instantiate(): void {
    if (this.#instance !== undefined) {
      this.gauge.begin();
      return;
    }
    const meter = this.gauge.imports;
    this.#imports ??= { ...this.#functions, ...meter };
    const instance = new WebAssembly.Instance(this.#module.module, this.#imports);
    this.gauge.attach(instance);
    this.#instance = instance;
  }

  /** Calls an export. A returned promise settles when the guest returns from it. */
  enter(name: string): unknown {
    const known = this.#entries[name];
    if (known !== undefined) return known();
    const entry = this.#instance?.exports[name];
    if (typeof entry !== 'function') throw new Error(`the module does not export ${name}`);
    const { promising } = WebAssembly;
    const call = this.#canSuspend && promising ? promising(entry) : () => entry();
    this.#entries[name] = call;
    return call();
  }

  /**
   * Releases the guest's resources. It must have ended; its gauge may still be read.
   * @param isKept the guest neither trapped nor was stopped, and the slot will be reused
   */
  leave(isKept: boolean): void {
    const process = this.#process;
    // Operations of this run that complete later must not affect the next run.
    if (process !== undefined) {
      process.onEnd = undefined;
      process.meter = undefined;
      process.memory.close();
    }
    this.#process = undefined;
    if (this.#instance === undefined || !isKept || !this.gauge.renew()) this.clear();
  }

  /** Drops the instance. */
  clear(): void {
    this.gauge.release();
    this.#instance = undefined;
    this.#entries = {};
  }

  /** Makes the slot available to another run. */
  free(): void {
    const others = free.get(this.#module);
    if (others === undefined) free.set(this.#module, [this]);
    else if (others.length < MAX_FREE) others.push(this);
    else return this.clear();
    if (this.#instance !== undefined) idle.add(this, this.#module.plan.initialPages);
  }

  #describeLimit(kind: 'gas' | 'memory'): void {
    const process = this.#process;
    if (process === undefined) return;
    const { gas, memoryPages } = process.limits;
    if (kind === 'gas') {
      process.endAtLimit('gas', gas, this.gauge.used);
    } else if (!this.#hasWarned) {
      this.#hasWarned = true;
      process.warn(
        `memory.grow failed: the limit is ${memoryPages} pages of 64 KiB, and more were requested. ${process.memoryRemedy()}`,
      );
    }
  }
}
