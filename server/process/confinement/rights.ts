/** The parameters that `confinement.ts` passes to `launcher.ts`, and the report of the enforced restrictions. */

export interface Launch {
  /** Private writable memory, in bytes: RLIMIT_DATA. */
  readonly memoryBytes: number;
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Numbers of the capabilities that root keeps. */
  readonly capabilities: readonly number[];
  /** Whether it may open sockets. */
  readonly hasNetwork: boolean;
}

/** The restrictions that the kernel enforces on a process. */
export type Enforced = Readonly<
  Record<'privileges' | 'capabilities' | 'files' | 'systemCalls' | 'memory', boolean>
>;

/** The variable with the restrictions that the kernel enforces on a confined process: {@link Enforced} as JSON. */
export const ENFORCED = 'TRISIEL_ENFORCED';

/** Capability numbers of Linux. */
export const CAPABILITY = { netBindService: 10 };
