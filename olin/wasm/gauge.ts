/** The host's side of metering: grants the budget slice by slice, gives turns, watches memory, stops the guest. */
import { sharedPool, type MemoryPool } from './memory-pool.ts';
import type { MeterPlan } from './plan.ts';

import { gasExport, memoryExport, startExport } from './plan.ts';
import { profileExport } from './profile.ts';

const PAGE_BYTES = 65_536;
/** What a table element takes of the host's memory, about. */
const ELEMENT_BYTES = 8;

export interface GaugeOptions {
  /** Instructions. The guest is stopped at the first check that finds more charged. */
  readonly gasLimit: number;
  /** Instructions between two turns. It changes when turns are given, never what is charged or where the guest stops. */
  readonly sliceGas: number;
  /** 64 KiB pages over all memories. A growth past it fails in the guest. */
  readonly memoryPagesLimit: number;
  /**
   * Called when a slice is used up. While a returned promise is pending the guest is suspended, if it can be; if it
   * rejects, the guest is stopped.
   */
  onTurn(): void | Promise<void>;
  /**
   * Told when the guest passes a limit, so that the host can say why it ended (`gas`: it is stopped now, with a trap that
   * it cannot catch) or why it may fail soon (`memory`: one growth was refused; it goes on). Must not throw.
   */
  onLimit(kind: 'gas' | 'memory'): void;
  /** Whether a promise may suspend the guest: JSPI is there and the guest was entered through it. */
  readonly canSuspend: boolean;
  /** Asked when a memory is to grow by so many pages, within its limit; false makes the growth fail. */
  readonly grow?: (pages: number) => boolean;
  /** Where memories come from and go to; default: the one of this thread. */
  readonly pool?: MemoryPool;
}

/** What one function used. */
export interface OwnGas {
  /** The function's index in the module as it was before metering. */
  readonly index: number;
  /** Instructions charged in its own body, without what it calls. */
  readonly gas: number;
}

/** One run of one metered instance. */
export class Gauge {
  readonly #plan: MeterPlan;
  readonly #options: GaugeOptions;
  #gas: WebAssembly.Global | undefined;
  readonly #pool: MemoryPool;
  /** Those that the module defined. */
  #own: readonly WebAssembly.Memory[] = [];
  /** All, those that the module imports first. */
  #memories: readonly WebAssembly.Memory[] = [];
  #elements: number;
  /** What counts gas by function. */
  #counters: readonly WebAssembly.Global[] = [];
  /** What was granted in all; what is used of it is what the global lacks. */
  #granted = 0;
  #stopped = false;
  #peakPages = 0;

  constructor(plan: MeterPlan, options: GaugeOptions) {
    this.#plan = plan;
    this.#pool = options.pool ?? sharedPool;
    this.#options = options;
    this.#elements = plan.initialElements;
  }

  /**
   * To be merged into the import object of the instance. Takes the memories, so ask {@link fits} first.
   * Throws RangeError where the engine has no room for them.
   */
  get imports(): WebAssembly.Imports {
    const { importedMemories, memories, prefix } = this.#plan;
    if (this.#own.length === 0) this.#own = memories.map((type) => this.#pool.take(type));
    const turn = () => this.#turn();
    const { Suspending } = WebAssembly;
    const given: Record<string, WebAssembly.ImportValue> = {
      turn: this.#options.canSuspend && Suspending !== undefined ? new Suspending(turn) : turn,
      grow: (space: number, wanted: number) => (this.#mayGrow(space, wanted) ? 1 : 0),
    };
    this.#own.forEach((memory, index) => {
      given[`memory.${importedMemories + index}`] = memory;
    });
    return { [`${prefix}meter`]: given };
  }

  /** Whether what the module declares is within the memory limit; to be asked before instantiation. */
  get fits(): boolean {
    const { memoryPagesLimit } = this.#options;
    return (
      this.#plan.initialPages <= memoryPagesLimit &&
      this.#plan.initialElements <= this.#elementsLimit
    );
  }

  /** Grants the first slice. Nothing of the guest has run by then: its start function is left to {@link start}. */
  attach(instance: WebAssembly.Instance): void {
    const { exports } = instance;
    const plan = this.#plan;
    const gas = exports[gasExport(plan)];
    if (!(gas instanceof WebAssembly.Global)) throw new TypeError('the instance is not metered');
    this.#gas = gas;
    const imported = Array.from({ length: plan.importedMemories }, (_, index) => {
      const memory = exports[memoryExport(plan, index)];
      if (memory instanceof WebAssembly.Memory) return memory;
      throw new TypeError('the instance is not metered');
    });
    this.#memories = [...imported, ...this.#own];
    this.#counters = Array.from({ length: plan.profiled ?? 0 }, (_, own) => {
      const counter = exports[profileExport(plan, own)];
      if (counter instanceof WebAssembly.Global) return counter;
      throw new TypeError('the instance is not profiled');
    });
    this.#grant(0);
  }

  /** The module's start function, to be called (through JSPI, if the guest may wait) before any other export. */
  start(instance: WebAssembly.Instance): (() => unknown) | undefined {
    const start = this.#plan.hasStart ? instance.exports[startExport(this.#plan)] : undefined;
    return typeof start === 'function' ? () => start() : undefined;
  }

  /** The guest's memory, whether it exports it or not. */
  memory(index = 0): WebAssembly.Memory | undefined {
    return this.#memories[index];
  }

  /** Instructions charged by now: exact at any moment the guest does not execute, after a trap too. */
  get used(): number {
    return this.#granted - this.#remaining;
  }

  /**
   * Where the gas went, by function, those that used none left out: it adds up to {@link used} whenever the guest does not
   * execute. Undefined where the module was woven without a profile.
   */
  get usedByFunction(): OwnGas[] | undefined {
    const { profiled, shiftFrom } = this.#plan;
    if (profiled === undefined) return undefined;
    return this.#counters
      .map((counter, own) => ({ index: shiftFrom + own, gas: Number(counter.value) }))
      .filter(({ gas }) => gas > 0);
  }

  /** Memories never shrink, so the peak is what they have. In 64 KiB pages. */
  get peakMemoryPages(): number {
    let bytes = 0;
    for (const memory of this.#memories) bytes += memory.buffer.byteLength;
    return Math.max(this.#peakPages, bytes / PAGE_BYTES);
  }

  /**
   * Gives the memories back, to be zeroed and used again. The guest must have ended for good, and no view of them may be
   * used any more; what was used is still told.
   */
  release(): void {
    this.#peakPages = this.peakMemoryPages;
    this.#own.forEach((memory, index) => {
      const type = this.#plan.memories[index];
      if (type !== undefined) this.#pool.give(type, memory);
    });
    this.#own = [];
    this.#memories = [];
  }

  /** From now on the guest's next check stops it, whatever it catches. */
  exhaust(): void {
    this.#stopped = true;
    this.#leave(-1);
  }

  get #remaining(): number {
    return Number(this.#gas?.value ?? 0n);
  }

  get #elementsLimit(): number {
    return (this.#options.memoryPagesLimit * PAGE_BYTES) / ELEMENT_BYTES;
  }

  /** Leaves the guest `budget` until its next turn; what is used stays as it is. */
  #leave(budget: number): void {
    if (this.#gas === undefined) return;
    this.#granted = this.used + budget;
    this.#gas.value = BigInt(budget);
  }

  #grant(used: number): void {
    const { gasLimit, sliceGas } = this.#options;
    this.#leave(Math.max(0, Math.min(sliceGas, gasLimit - used)));
  }

  /** What woven code calls when its budget is below 0; 1 ends the guest. */
  #turn(): number | Promise<number> {
    if (this.#stopped) return 1;
    const { gasLimit, canSuspend } = this.#options;
    const { used } = this;
    if (used > gasLimit) {
      this.#stopped = true;
      this.#options.onLimit('gas');
      return 1;
    }
    this.#grant(used);
    const waiting = this.#options.onTurn();
    if (waiting !== undefined && canSuspend) {
      return waiting.then(
        () => (this.#stopped ? 1 : 0),
        () => {
          this.exhaust();
          return 1;
        },
      );
    }
    return this.#stopped ? 1 : 0;
  }

  #mayGrow(space: number, wanted: number): boolean {
    const isMemory = space === 0;
    const have = isMemory ? this.peakMemoryPages : this.#elements;
    const limit = isMemory ? this.#options.memoryPagesLimit : this.#elementsLimit;
    // A growth by nothing is how a guest asks for the size.
    if (wanted === 0) return true;
    if (have + wanted > limit) {
      this.#options.onLimit('memory');
      return false;
    }
    if (!isMemory) this.#elements += wanted;
    return !isMemory || this.#options.grow === undefined || this.#options.grow(wanted);
  }
}
