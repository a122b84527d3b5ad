/**
 * Where a guest sits while it runs: the import object and the gauge of its module. They hold nothing of a guest, and
 * making them costs more than most of a short run, so one run has them after another. The instance is each guest's own,
 * and its memory is full of zeros.
 */
import { bindImports, type Caller, type Decorator } from './bind.ts';
import { limitStop } from './ending.ts';
import type { RunnableModule } from './module.ts';
import type { Process } from './process.ts';
import { Gauge } from './wasm/index.ts';

/** Gas between two turns of the event loop: about a millisecond of work. */
const SLICE_GAS = 500_000;
/** Free seats kept of one module. */
const KEPT = 64;

/** Free seats, by module. */
const free = new WeakMap<RunnableModule, Seat[]>();

export class Seat implements Caller {
  readonly gauge: Gauge;
  readonly #module: RunnableModule;
  readonly #canSuspend: boolean;
  readonly #functions: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  #imports: WebAssembly.Imports | undefined;
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
      onLimit: (kind) => this.#tellLimit(kind),
    });
    bindImports(this.#functions, module.functions, this, { canSuspend, decorate });
  }

  /** A seat for one run, to be left at its end. A decorated one is made anew, and not used again. */
  static take(module: RunnableModule, process: Process, decorate?: Decorator): Seat {
    const { canSuspend } = process.platform;
    const known = decorate === undefined ? free.get(module)?.pop() : undefined;
    const isFit = known !== undefined && known.#canSuspend === canSuspend;
    const seat = isFit ? known : new Seat(module, canSuspend, decorate);
    const { gas, memoryPages } = process.limits;
    seat.gauge.renew({ gasLimit: gas, memoryPagesLimit: memoryPages });
    seat.#process = process;
    seat.#hasWarned = false;
    process.onEnd = () => seat.gauge.exhaust();
    return seat;
  }

  get process(): Process | undefined {
    return this.#process;
  }

  /** A new instance, of which nothing has run. */
  instantiate(): WebAssembly.Instance {
    const meter = this.gauge.imports;
    this.#imports ??= { ...this.#functions, ...meter };
    const instance = new WebAssembly.Instance(this.#module.module, this.#imports);
    this.gauge.attach(instance);
    return instance;
  }

  /** Gives back what the guest had. It must have ended for good; its gauge may still be read. */
  leave(): void {
    const process = this.#process;
    // Whatever of the run comes to its end later must not reach the next one.
    if (process !== undefined) {
      process.onEnd = undefined;
      process.memory.close();
    }
    this.#process = undefined;
    this.gauge.release();
  }

  /** Keeps the seat for another run. */
  free(): void {
    const others = free.get(this.#module);
    if (others === undefined) free.set(this.#module, [this]);
    else if (others.length < KEPT) others.push(this);
  }

  #tellLimit(kind: 'gas' | 'memory'): void {
    const process = this.#process;
    if (process === undefined) return;
    const { gas, memoryPages } = process.limits;
    if (kind === 'gas') {
      process.stop(limitStop('gas', gas, this.gauge.used));
    } else if (!this.#hasWarned) {
      this.#hasWarned = true;
      process.warn(
        `memory.grow failed: the limit is ${memoryPages} pages of 64 KiB, and more were wanted. Raise ram-page-limit in the policy, or use less.`,
      );
    }
  }
}
