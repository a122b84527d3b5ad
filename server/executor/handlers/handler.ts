/** A handler that is ready to run: who owns it, what it may use, and its compiled module. */
import type { Policy, RunnableModule } from '../../../olin/index.ts';
import type { Standing } from '../../db/handlers/standing.ts';
import type { IdentifyCaller } from './handler-gate.ts';
import type { TierLimits } from '../../tiers.ts';

export interface LoadedHandler {
  readonly id: string;
  readonly ownerId: string;
  readonly versionId: string;
  readonly name: string;
  readonly mode: 'sync' | 'async';
  readonly isPrivate: boolean;
  /** Whether the system calls of each run are kept. */
  readonly keepsTrace: boolean;
  /** Of the owner's tier. */
  readonly limits: Pick<
    TierLimits,
    'memoryPages' | 'gas' | 'wallMs' | 'runsPerDay' | 'callerRunsPerDay' | 'concurrentRuns'
  >;
  readonly module: RunnableModule;
  readonly policy: Policy | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A handler whose version does not run in this process, since it is not trusted yet or not any more. Its module is not
 * even compiled here.
 */
export interface UntrustedHandler extends Omit<LoadedHandler, 'module'> {
  readonly module: undefined;
  readonly standing: Standing;
  readonly version: number;
}

export type FoundHandler = LoadedHandler | UntrustedHandler;

/**
 * Finds a handler by name: at once where it is known, so that the usual request waits for nothing.
 * Throws, or rejects with, the problem that the caller is told.
 */
export type FindHandler = (
  name: string,
  /** Of a call from outside: a private handler is not there for whoever is not its owner. */
  identify?: IdentifyCaller,
) => FoundHandler | Promise<FoundHandler>;
