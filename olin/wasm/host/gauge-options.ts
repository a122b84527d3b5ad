/** Options of a {@link Gauge}: the limits that it enforces, and the functions that it calls. */
import type { MemoryPool } from './memory-pool.ts';

/** The limits of one run. */
export interface RunBounds {
  /** In instructions. The guest is stopped at the first check that finds more gas used, so it may use slightly more. */
  readonly gasLimit: number;
  /** Total of all memories and tables, in pages of 64 KiB. If the guest grows one past it, `memory.grow` or `table.grow` returns -1. */
  readonly memoryPagesLimit: number;
}

export interface GaugeOptions extends RunBounds {
  /** Instructions between two calls of `onTurn`. It does not affect what is charged or where the guest stops. */
  readonly sliceGas: number;
  /**
   * Called when a slice is used up. If it returns a promise, the guest is suspended (if it can be) until the promise
   * settles; if the promise rejects, the guest is stopped.
   */
  onTurn(): void | Promise<void>;
  /**
   * Called when the guest exceeds a limit. `gas`: the guest is stopped now, with a trap that it cannot catch. `memory`: a
   * growth was refused; the guest continues. Must not throw.
   */
  onLimit(kind: 'gas' | 'memory'): void;
  /** Whether a promise may suspend the guest: JSPI is available and the guest was entered through it. */
  readonly canSuspend: boolean;
  /** Called before memories and tables grow by `pages`, within the limit; returning false makes the growth fail. */
  readonly grow?: (pages: number) => boolean;
  /** `Platform.isZero`. With it, renewing an instance does not write memory that is still zero. */
  readonly isZero?: ((bytes: Uint8Array) => boolean) | undefined;
  /** The pool that memories come from and return to. Default: this thread's pool. */
  readonly pool?: MemoryPool;
}
