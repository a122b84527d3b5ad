/** The host's side of metering: grants the budget slice by slice, gives turns, watches memory, stops the guest. */
import { GuestMemories } from './guest-memories.ts';
import { sharedPool, type MemoryPool } from './memory-pool.ts';
import { PAGE_BYTES, pagesOfElements } from './host-pages.ts';
import { gasExport, startExport, type MeterPlan } from '../plan.ts';
import { profileExport } from '../profile.ts';

/** Charges that may wait to be taken from the global, as a part of a slice: reading and writing it takes 80 ns. */
const CREDIT_PART = 8;
/** Nearer to the limit than this nothing is owed: more than woven code can be charged for between two of its checks. */
const CREDIT_MARGIN = 1 << 20;
const NO_COUNTERS: readonly WebAssembly.Global[] = [];

export interface GaugeOptions {
  /** Instructions. The guest is stopped at the first check that finds more charged. */
  readonly gasLimit: number;
  /** Instructions between two turns. It changes when turns are given, never what is charged or where the guest stops. */
  readonly sliceGas: number;
  /** 64 KiB pages over all memories and tables. A growth past it fails in the guest. */
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
  /** Asked when memories and tables are to take so many pages more, within the limit; false makes the growth fail. */
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

interface Use {
  readonly gas: number;
  readonly pages: number;
  readonly byFunction: readonly OwnGas[];
}

const NOTHING_USED: Use = { gas: 0, pages: 0, byFunction: [] };

/** What bounds one run. */
export type RunBounds = Pick<GaugeOptions, 'gasLimit' | 'memoryPagesLimit'>;

/** One run of one metered instance; then another run of it, once it is renewed, or of another one of the same module. */
export class Gauge {
  readonly #plan: MeterPlan;
  readonly #options: GaugeOptions;
  readonly #gasName: string;
  readonly #memories: GuestMemories;
  readonly #given: Record<string, WebAssembly.ImportValue>;
  readonly #imports: WebAssembly.Imports;
  #bounds: RunBounds;
  #gas: WebAssembly.Global | undefined;
  #elements: number;
  /** Pages that the host has given room for; more than what is there where the engine refused a growth. */
  #reserved: number;
  /** What counts gas by function. */
  #counters: readonly WebAssembly.Global[] = NO_COUNTERS;
  /** What was granted in all; what is used of it is what the global lacks. */
  #granted = 0;
  /** Charged since the last grant and not taken from the global yet. */
  #owed = 0;
  /** How much may be owed: never so much that the limit could be passed without a check that notices. */
  #credit = 0;
  /** Whether a charge has left less than nothing of the slice. */
  #isTurnDue = false;
  /** Bytes that the host keeps for the guest, and the most whole pages that they were. */
  #held = 0;
  #heldPages = 0;
  #stopped = false;
  /** What the run used, before it begins and once it is over: the globals and memories may be another's by then. */
  #told: Use | undefined = NOTHING_USED;

  constructor(plan: MeterPlan, options: GaugeOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#bounds = options;
    this.#gasName = gasExport(plan);
    this.#memories = new GuestMemories(plan, options.pool ?? sharedPool);
    this.#elements = plan.initialElements;
    this.#reserved = plan.initialPages;
    const turn = () => this.#turn();
    const { Suspending } = WebAssembly;
    this.#given = {
      turn: options.canSuspend && Suspending !== undefined ? new Suspending(turn) : turn,
      grow: (space: number, wanted: number) => (this.#mayGrow(space, wanted) ? 1 : 0),
    };
    this.#imports = { [`${plan.prefix}meter`]: this.#given };
  }

  /** Makes ready for another run. The last one must be released, or its instance renewed. */
  bound(bounds: RunBounds): void {
    this.#bounds = bounds;
    this.#elements = this.#plan.initialElements;
    this.#held = 0;
    this.#heldPages = 0;
    this.#reserved = this.#plan.initialPages;
    this.#stopped = false;
    this.#told = NOTHING_USED;
  }

  /**
   * To be merged into the import object of the instance. Takes the memories, so ask {@link fits} first.
   * Throws RangeError where the engine has no room for them.
   */
  get imports(): WebAssembly.Imports {
    this.#memories.take(this.#given);
    return this.#imports;
  }

  /** Whether what the module declares is within the memory limit; to be asked before instantiation. */
  get fits(): boolean {
    return this.#plan.initialPages <= this.#bounds.memoryPagesLimit;
  }

  /** Takes a new instance, of which nothing has run (its start function is left to {@link start}), and begins. */
  attach(instance: WebAssembly.Instance): void {
    const { exports } = instance;
    const plan = this.#plan;
    const gas = exports[this.#gasName];
    if (!(gas instanceof WebAssembly.Global)) throw new TypeError('the instance is not metered');
    this.#gas = gas;
    this.#memories.attach(instance);
    if (plan.profiled !== undefined) this.#counters = findCounters(plan, plan.profiled, exports);
    this.begin();
  }

  /** Grants the first slice. */
  begin(): void {
    this.#told = undefined;
    this.#grant(0);
  }

  /**
   * Makes the instance what it was when it was new, for another guest. The last one must have ended for good, and no view
   * of its memories may be used any more; what it used is still told. False where it can only be released.
   */
  renew(): boolean {
    this.#told ??= this.#use;
    return this.#memories.renew();
  }

  /** The module's start function, to be called (through JSPI, if the guest may wait) before any other export. */
  start(instance: WebAssembly.Instance): (() => unknown) | undefined {
    const start = this.#plan.hasStart ? instance.exports[startExport(this.#plan)] : undefined;
    return typeof start === 'function' ? () => start() : undefined;
  }

  /** The guest's memory, whether it exports it or not. */
  memory(index = 0): WebAssembly.Memory | undefined {
    return this.#memories.at(index);
  }

  /** Instructions charged by now: exact at any moment the guest does not execute, after a trap too. */
  get used(): number {
    return this.#told?.gas ?? this.#granted + this.#owed - Number(this.#gas?.value ?? 0n);
  }

  /**
   * Charges for work that the host is about to do for the guest, which must not be executing. False if the gas limit
   * does not allow it: then nothing is charged, and the guest is to be stopped. When turns come has no influence.
   */
  charge(gas: number): boolean {
    const owed = this.#owed + gas;
    if (owed <= this.#credit) {
      this.#owed = owed;
      return true;
    }
    if (this.used + gas > this.#bounds.gasLimit) return false;
    if (this.#gas !== undefined) {
      const left = this.#gas.value - BigInt(owed);
      this.#gas.value = left;
      this.#isTurnDue = left < 0n;
    }
    this.#owed = 0;
    return true;
  }

  /** Whether charges have used up the slice, so that others are to have their turn. */
  get isTurnDue(): boolean {
    return this.#isTurnDue;
  }

  /** Gives others their turn; the guest must be suspended meanwhile. */
  async turn(): Promise<void> {
    const { used } = this;
    // Past the limit, the guest is stopped by its own next check, as it is where no turn is due.
    if (this.#stopped || used > this.#bounds.gasLimit) return;
    this.#grant(used);
    try {
      await this.#options.onTurn();
    } catch {
      this.exhaust();
    }
  }

  /**
   * Where the gas went, by function, those that used none left out: it adds up to {@link used} whenever the guest does not
   * execute. Undefined where the module was woven without a profile.
   */
  get usedByFunction(): readonly OwnGas[] | undefined {
    if (this.#plan.profiled === undefined) return undefined;
    return this.#told?.byFunction ?? this.#countByFunction();
  }

  #countByFunction(): readonly OwnGas[] {
    if (this.#counters.length === 0) return NOTHING_USED.byFunction;
    const { shiftFrom } = this.#plan;
    return this.#counters
      .map((counter, own) => ({ index: shiftFrom + own, gas: Number(counter.value) }))
      .filter(({ gas }) => gas > 0);
  }

  /** In 64 KiB pages: memories and tables, which never shrink, and whole pages of what the host kept for the guest at once. */
  get peakMemoryPages(): number {
    return (
      this.#told?.pages ?? this.#memories.pages + pagesOfElements(this.#elements) + this.#heldPages
    );
  }

  /**
   * Counts bytes that the host keeps for the guest, such as a request's body, as memory of the guest; negative for bytes
   * that it keeps no longer. False if there is no room for them: then nothing is counted.
   */
  hold(bytes: number): boolean {
    const more = Math.floor((this.#held + bytes) / PAGE_BYTES) - this.#heldPages;
    if (more > 0) {
      const pages = this.peakMemoryPages + more;
      if (pages > this.#bounds.memoryPagesLimit || !this.#reserve(pages)) return false;
      this.#heldPages += more;
    }
    this.#held += bytes;
    return true;
  }

  /**
   * Gives the memories back, to be zeroed and used again. The guest must have ended for good, and no view of them may be
   * used any more; what was used is still told.
   */
  release(): void {
    this.#told ??= this.#use;
    this.#memories.release(this.#given);
    // Each holds the whole instance.
    this.#gas = undefined;
    this.#counters = NO_COUNTERS;
  }

  /** From now on the guest's next check stops it, whatever it catches. */
  exhaust(): void {
    this.#stopped = true;
    this.#leave(-1, this.used);
  }

  get #use(): Use {
    return { gas: this.used, pages: this.peakMemoryPages, byFunction: this.#countByFunction() };
  }

  /** Leaves the guest `budget` until its next turn. */
  #leave(budget: number, used: number): void {
    if (this.#gas === undefined) return;
    this.#owed = 0;
    this.#isTurnDue = false;
    this.#granted = used + budget;
    this.#credit = Math.min(
      Math.floor(this.#options.sliceGas / CREDIT_PART),
      Math.max(0, this.#bounds.gasLimit - CREDIT_MARGIN - this.#granted),
    );
    this.#gas.value = BigInt(budget);
  }

  #grant(used: number): void {
    const rest = this.#bounds.gasLimit - used;
    this.#leave(Math.max(0, Math.min(this.#options.sliceGas, rest)), used);
  }

  /** What woven code calls when its budget is below 0; 1 ends the guest. */
  #turn(): number | Promise<number> {
    if (this.#stopped) return 1;
    const { canSuspend } = this.#options;
    const { used } = this;
    if (used > this.#bounds.gasLimit) {
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

  /** Whether a memory (`space` 0) may grow by so many pages, or a table (1) by so many elements. */
  #mayGrow(space: number, wanted: number): boolean {
    const isMemory = space === 0;
    const elements = this.#elements + (isMemory ? 0 : wanted);
    const pages =
      this.#memories.pages + (isMemory ? wanted : 0) + pagesOfElements(elements) + this.#heldPages;
    if (pages > this.#bounds.memoryPagesLimit) {
      this.#options.onLimit('memory');
      return false;
    }
    if (!this.#reserve(pages)) return false;
    this.#elements = elements;
    return true;
  }

  /** Has room for so many pages in all. What the engine then refuses to grow by is kept, and not asked for again. */
  #reserve(pages: number): boolean {
    const more = pages - this.#reserved;
    if (more <= 0) return true;
    if (this.#options.grow?.(more) === false) return false;
    this.#reserved = pages;
    return true;
  }
}

function findCounters(
  plan: MeterPlan,
  count: number,
  exports: WebAssembly.Exports,
): WebAssembly.Global[] {
  return Array.from({ length: count }, (_, own) => {
    const counter = exports[profileExport(plan, own)];
    if (counter instanceof WebAssembly.Global) return counter;
    throw new TypeError('the instance is not profiled');
  });
}
