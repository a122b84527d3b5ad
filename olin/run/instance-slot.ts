/**
 * Where a guest sits while it runs: the import object, the gauge and the instance of its module. Making them costs more
 * than most of a short run, so one run has them after another. Each guest finds the instance as new: it is renewed
 * (see wasm/renewal.ts), or, where it cannot be, or its guest was stopped, made anew.
 */
import { bindImports, type Caller, type Decorator } from './bind.ts';
import type { RunnableModule } from '../module/module.ts';
import type { Process } from './process.ts';
import { Idle } from './idle-instances.ts';
import { Gauge } from '../wasm/index.ts';

/** Gas between two turns of the event loop: about a millisecond of work. */
const SLICE_GAS = 500_000;
/** Free seats kept of one module. */
const KEPT = 64;

/** Those of the free seats that have an instance. */
const idle = new Idle<InstanceSlot>();

/** Free seats, by module. */
const free = new WeakMap<RunnableModule, InstanceSlot[]>();

export class InstanceSlot implements Caller {
  readonly gauge: Gauge;
  readonly #module: RunnableModule;
  readonly #canSuspend: boolean;
  readonly #functions: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  #imports: WebAssembly.Imports | undefined;
  #instance: WebAssembly.Instance | undefined;
  /** Exports as they are called, by name. */
  #entries: Record<string, () => unknown> = {};
  #process: Process | undefined;
  #hasWarned = false;

  private constructor(module: RunnableModule, canSuspend: boolean, decorate?: Decorator) {
    this.#module = module;
    this.#canSuspend = canSuspend;
    this.gauge = new Gauge(module.plan, {
      gasLimit: 0,
      memoryPagesLimit: 0,
      sliceGas: SLICE_GAS,
      canSuspend,
      onTurn: () => (canSuspend ? this.#process?.turn() : undefined),
      grow: (pages) => this.#process?.grow(pages) ?? false,
      onLimit: (kind) => this.#describeLimit(kind),
    });
    bindImports(this.#functions, module.functions, this, { canSuspend, decorate });
  }

  /** A seat for one run, to be left at its end. A decorated one is made anew, and not used again. */
  static take(module: RunnableModule, process: Process, decorate?: Decorator): InstanceSlot {
    const { canSuspend } = process.platform;
    const known = decorate === undefined ? free.get(module)?.pop() : undefined;
    if (known !== undefined) idle.delete(known);
    const isFit = known !== undefined && known.#canSuspend === canSuspend;
    if (!isFit) known?.clear();
    const seat = isFit ? known : new InstanceSlot(module, canSuspend, decorate);
    const { gas, memoryPages } = process.limits;
    seat.gauge.bound({ gasLimit: gas, memoryPagesLimit: memoryPages });
    seat.#process = process;
    seat.#hasWarned = false;
    process.onEnd = () => seat.gauge.exhaust();
    process.meter = seat.gauge;
    return seat;
  }

  get process(): Process | undefined {
    return this.#process;
  }

  /** Has an instance in which nothing has run, as far as a guest can see. */
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

  /** Calls an export; a promise that it gives settles when the guest has come back from it. */
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
   * Gives back what the guest had. It must have ended for good; its gauge may still be read.
   * @param isKept the guest was not stopped and did not trap, and another one is to have the seat
   */
  leave(isKept: boolean): void {
    const process = this.#process;
    // Whatever of the run comes to its end later must not reach the next one.
    if (process !== undefined) {
      process.onEnd = undefined;
      process.meter = undefined;
      process.memory.close();
    }
    this.#process = undefined;
    if (this.#instance === undefined || !isKept || !this.gauge.renew()) this.clear();
  }

  /** Parts with the instance. */
  clear(): void {
    this.gauge.release();
    this.#instance = undefined;
    this.#entries = {};
  }

  /** Keeps the seat for another run. */
  free(): void {
    const others = free.get(this.#module);
    if (others === undefined) free.set(this.#module, [this]);
    else if (others.length < KEPT) others.push(this);
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
        `memory.grow failed: the limit is ${memoryPages} pages of 64 KiB, and more were wanted. ${process.memoryRemedy()}`,
      );
    }
  }
}
