/** What `confinement.ts` asks of `launcher.ts`, and what that reports. */

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

/** Which bounds the kernel enforces on a process. */
export type Enforced = Readonly<
  Record<'privileges' | 'capabilities' | 'files' | 'systemCalls' | 'memory', boolean>
>;

/** The variable that tells a confined process which bounds the kernel enforces on it: {@link Enforced} as JSON. */
export const ENFORCED = 'TRISIEL_ENFORCED';

/** Numbers of Linux. */
export const CAPABILITY = { netBindService: 10 };
