/**
 * The kinds of process behind the supervisor, one declaration each: the program, its port, how it is started, and when
 * it is stopped.
 */
import { fileURLToPath } from 'node:url';
import type { Config } from '../../config.ts';
import type { Confinement } from '../confinement/confinement.ts';
import { confineGuest } from '../confinement/guest-rights.ts';
import type { MemoryGroups } from '../confinement/memory-groups.ts';

/** What is executed for a process: `PREFIX… NODE NODE-ARGUMENTS… PROGRAM`. */
export interface LaunchCommand {
  /** Programs that restrict the process and then execute Node, such as `setpriv`; empty: Node is started directly. */
  readonly prefix: readonly string[];
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The conditions that the start of a process depends on. */
export interface LaunchContext {
  readonly config: Config;
  readonly confinement: Confinement;
  /** Undefined if the system has no control groups for this user. */
  readonly memoryGroups?: MemoryGroups | undefined;
}

export interface ProcessKindSpec {
  /** The path of the module that it runs. */
  readonly program: string;
  /** The setting that holds its port; undefined: it opens none. */
  readonly port: 'PORT' | 'RUN_PORT' | undefined;
  /** Whether several processes may listen at that port (SO_REUSEPORT). */
  readonly sharesPort: boolean;
  /** Processes are stopped in ascending order: those of a stage have exited before the next one is stopped. */
  readonly stopStage: number;
  /**
   * Changes how a process of this kind is started. Called for each start, replacements included.
   * @param command starts Node with the supervisor's own Node arguments and environment
   */
  readonly command: (command: LaunchCommand, context: LaunchContext) => LaunchCommand;
  /** Limit of its memory in bytes. A process above it is ended and replaced. Undefined: no limit. */
  readonly memoryBytes: ((config: Config) => number) | undefined;
}

export type ProcessKind = 'web' | 'guest' | 'probation';

export const PROCESS_KINDS: Readonly<Record<ProcessKind, ProcessKindSpec>> = {
  /** Documentation, panel, API and sign-in. It runs no guest. */
  web: {
    program: fileURLToPath(new URL('../../programs/web.ts', import.meta.url)),
    port: 'PORT',
    sharesPort: false,
    // Executor processes write their last records to the embedded database, which it owns.
    stopStage: 2,
    command: (command) => command,
    memoryBytes: undefined,
  },
  /** An executor process: HTTP in, guests, HTTP out. */
  guest: {
    program: fileURLToPath(new URL('../../programs/guest.ts', import.meta.url)),
    port: 'RUN_PORT',
    sharesPort: true,
    stopStage: 1,
    command: confineGuest,
    memoryBytes: ({ guestProcessBytes }) => guestProcessBytes,
  },
  /** An executor of one owner's versions on probation. Executor processes forward calls to it. */
  probation: {
    program: fileURLToPath(new URL('../../programs/probation.ts', import.meta.url)),
    port: undefined,
    sharesPort: false,
    stopStage: 1,
    command: confineGuest,
    memoryBytes: ({ probationProcessBytes }) => probationProcessBytes,
  },
};
