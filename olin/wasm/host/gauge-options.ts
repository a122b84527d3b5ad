/** What a gauge enforces, and what it calls. */
import type { MemoryPool } from './memory-pool.ts';

/** The limits of one run. */
export interface RunBounds {
  /** Instructions. The guest is stopped at the first check that finds more charged. */
  readonly gasLimit: number;
  /** Limit in 64 KiB pages over all memories and tables. A growth past it fails in the guest. */
  readonly memoryPagesLimit: number;
}

export interface GaugeOptions extends RunBounds {
  /** Instructions between two turns. It affects only when turns happen, never what is charged or where the guest stops. */
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
  /** Whether all bytes are 0 (the platform's). With it, memory that a guest left zero is not written when the instance is renewed. */
  readonly isZero?: ((bytes: Uint8Array) => boolean) | undefined;
  /** The pool that memories come from and return to. Default: this thread's pool. */
  readonly pool?: MemoryPool;
}
