/** The host's side of metering: grants gas in slices, yields between slices, limits memory, and stops the guest. */
import type { GaugeOptions, RunBounds } from './gauge-options.ts';
import { GuestMemories } from './guest-memories.ts';
import { MemoryAccount } from './memory-account.ts';
import { sharedPool } from './memory-pool.ts';
import { gasExport, startExport, type MeterPlan } from '../plan.ts';
import { findCounters, readCounters, type OwnGas } from './profile-counters.ts';

/** Host charges up to this fraction of a slice are batched, because reading and writing the global takes 80 ns. */
const CREDIT_PART = 8;
/** No batching within this distance of the limit: more than woven code can be charged between two checks. */
const CREDIT_MARGIN = 1 << 20;
const NO_COUNTERS: readonly WebAssembly.Global[] = [];

interface Use {
  readonly gas: number;
  readonly pages: number;
  readonly byFunction: readonly OwnGas[];
}

const NO_USE: Use = { gas: 0, pages: 0, byFunction: [] };

/** Meters runs of one module, one at a time, each in a new or a renewed instance. */
export class Gauge {
  readonly #plan: MeterPlan;
  readonly #options: GaugeOptions;
  readonly #memories: GuestMemories;
  readonly #memoryAccount: MemoryAccount;
  readonly #meterImports: Record<string, WebAssembly.ImportValue>;
  readonly #imports: WebAssembly.Imports;
  #gasLimit: number;
  #gas: WebAssembly.Global | undefined;
  /** The globals that count gas per function. */
  #counters: readonly WebAssembly.Global[] = NO_COUNTERS;
  /** Total gas granted. Gas used is this less the value of the global. */
  #granted = 0;
  /** Gas charged since the last grant and not yet subtracted from the global. */
  #owed = 0;
  /** Upper bound of `#owed`, small enough that the guest cannot pass the limit unnoticed. */
  #credit = 0;
  /** Whether a charge has overdrawn the slice. */
  #isTurnDue = false;
  #stopped = false;
  /** Usage before a run begins and after it ends, when the globals and memories may belong to another run. */
  #final: Use | undefined = NO_USE;

  constructor(plan: MeterPlan, options: GaugeOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#gasLimit = options.gasLimit;
    this.#memories = new GuestMemories(plan, options.pool ?? sharedPool, options.isZero);
    this.#memoryAccount = new MemoryAccount(plan, this.#memories, options);
    const turn = () => this.#turn();
    const { Suspending } = WebAssembly;
    this.#meterImports = {
      turn: options.canSuspend && Suspending !== undefined ? new Suspending(turn) : turn,
      grow: (space: number, wanted: number) => (this.#memoryAccount.mayGrow(space, wanted) ? 1 : 0),
    };
    this.#imports = { [`${plan.prefix}meter`]: this.#meterImports };
  }

  /** Prepares for another run. The previous instance must have been released or renewed. */
  bound({ gasLimit, memoryPagesLimit }: RunBounds): void {
    this.#gasLimit = gasLimit;
    this.#memoryAccount.reset(memoryPagesLimit);
    this.#stopped = false;
    this.#final = NO_USE;
  }

  /**
   * Imports to merge into the instance's import object. Allocates the memories, so check {@link fits} first.
   * Throws RangeError if the engine cannot allocate them.
   */
  get imports(): WebAssembly.Imports {
    this.#memories.take(this.#meterImports);
    return this.#imports;
  }

  /** Whether the module's initial memories and tables are within the limit. Check before instantiation. */
  get fits(): boolean {
    return this.#memoryAccount.fits;
  }

  /** Takes a new instance in which nothing has run yet (see {@link start} for its start function), and begins the run. */
  attach(instance: WebAssembly.Instance): void {
    const { exports } = instance;
    const gas = exports[gasExport(this.#plan)];
    if (!(gas instanceof WebAssembly.Global)) throw new TypeError('the instance is not metered');
    this.#gas = gas;
    this.#memories.attach(instance);
    if (this.#plan.profiled !== undefined) this.#counters = findCounters(this.#plan, exports);
    this.begin();
  }

  /** Grants the first slice. */
  begin(): void {
    this.#final = undefined;
    this.#grant(0);
  }

  /**
   * Resets the instance for another guest. The previous guest must have ended, and no view of its memories may be used
   * any more; its usage can still be read. Returns false if the instance can only be released.
   */
  renew(): boolean {
    this.#final ??= this.#use;
    return this.#memories.renew();
  }

  /** The module's start function, to call (through JSPI, if the guest may wait) before any other export. */
  start(instance: WebAssembly.Instance): (() => unknown) | undefined {
    const start = this.#plan.hasStart ? instance.exports[startExport(this.#plan)] : undefined;
    return typeof start === 'function' ? () => start() : undefined;
  }

  /** The guest's memory, exported or not. */
  memory(index = 0): WebAssembly.Memory | undefined {
    return this.#memories.at(index);
  }

  /** Instructions charged so far. Exact whenever the guest is not executing, also after a trap. */
  get used(): number {
    return this.#final?.gas ?? this.#granted + this.#owed - Number(this.#gas?.value ?? 0n);
  }

  /**
   * Charges for work that the host is about to do for the guest, which must not be executing. Returns false, and charges
   * nothing, if that would exceed the gas limit; the caller then stops the guest. Independent of when turns happen.
   */
  charge(gas: number): boolean {
    const owed = this.#owed + gas;
    if (owed <= this.#credit) {
      this.#owed = owed;
      return true;
    }
    if (this.used + gas > this.#gasLimit) return false;
    if (this.#gas !== undefined) {
      const left = this.#gas.value - BigInt(owed);
      this.#gas.value = left;
      this.#isTurnDue = left < 0n;
    }
    this.#owed = 0;
    return true;
  }

  /** Whether host charges have used up the slice, so that the guest should yield. */
  get isTurnDue(): boolean {
    return this.#isTurnDue;
  }

  /** Yields to other guests; this guest must be suspended meanwhile. */
  async turn(): Promise<void> {
    const { used } = this;
    // A guest past its limit is stopped by its own next check.
    if (this.#stopped || used > this.#gasLimit) return;
    this.#grant(used);
    try {
      await this.#options.onTurn();
    } catch {
      this.exhaust();
    }
  }

  /**
   * Gas per function, omitting functions that used none. The sum equals {@link used} whenever the guest is not executing.
   * Undefined if the module was metered without a profile.
   */
  get usedByFunction(): readonly OwnGas[] | undefined {
    if (this.#plan.profiled === undefined) return undefined;
    return this.#final?.byFunction ?? readCounters(this.#plan, this.#counters);
  }

  /** Peak in 64 KiB pages: memories and tables, which never shrink, and the peak of whole pages held by the host. */
  get peakMemoryPages(): number {
    return this.#final?.pages ?? this.#memoryAccount.peakPages;
  }

  /**
   * Counts bytes that the host holds for the guest, such as a request body, as memory of the guest; negative to release
   * them. Returns false, and counts nothing, if they do not fit within the limit.
   */
  hold(bytes: number): boolean {
    return this.#memoryAccount.hold(bytes);
  }

  /**
   * Returns the memories to the pool. The guest must have ended, and no view of them may be used any more; its usage can
   * still be read.
   */
  release(): void {
    this.#final ??= this.#use;
    this.#memories.release(this.#meterImports);
    // Each reference would keep the whole instance alive.
    this.#gas = undefined;
    this.#counters = NO_COUNTERS;
  }

  /** Makes the guest's next check stop it, whatever exceptions it catches. */
  exhaust(): void {
    this.#stopped = true;
    this.#leave(-1, this.used);
  }

  get #use(): Use {
    const byFunction = readCounters(this.#plan, this.#counters);
    return { gas: this.used, pages: this.peakMemoryPages, byFunction };
  }

  /** Sets the guest's budget until its next turn. */
  #leave(budget: number, used: number): void {
    if (this.#gas === undefined) return;
    this.#owed = 0;
    this.#isTurnDue = false;
    this.#granted = used + budget;
    this.#credit = Math.min(
      Math.floor(this.#options.sliceGas / CREDIT_PART),
      Math.max(0, this.#gasLimit - CREDIT_MARGIN - this.#granted),
    );
    this.#gas.value = BigInt(budget);
  }

  #grant(used: number): void {
    const rest = this.#gasLimit - used;
    this.#leave(Math.max(0, Math.min(this.#options.sliceGas, rest)), used);
  }

  /** Called by woven code when its budget is below 0. Returns 1 to end the guest, else 0. */
  #turn(): number | Promise<number> {
    if (this.#stopped) return 1;
    const { canSuspend } = this.#options;
    const { used } = this;
    if (used > this.#gasLimit) {
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
}
