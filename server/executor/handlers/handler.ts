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
  /** Whether system call traces of runs are recorded. */
  readonly keepsTrace: boolean;
  /** Limits of the owner's tier. */
  readonly limits: Pick<
    TierLimits,
    'memoryPages' | 'gas' | 'wallMs' | 'runsPerDay' | 'callerRunsPerDay' | 'concurrentRuns'
  >;
  readonly module: RunnableModule;
  readonly policy: Policy | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A handler whose version may not run in this process because its module is not trusted. The module is not even
 * compiled here.
 */
export interface UntrustedHandler extends Omit<LoadedHandler, 'module'> {
  readonly module: undefined;
  readonly standing: Standing;
  readonly version: number;
}

export type FoundHandler = LoadedHandler | UntrustedHandler;

/**
 * Finds a handler by name; synchronously if it is cached, which is the usual case. Throws, or rejects with, the problem
 * to send to the caller.
 */
export type FindHandler = (
  name: string,
  /** Given for external calls: private handlers are hidden from everyone but their owner. */
  identify?: IdentifyCaller,
) => FoundHandler | Promise<FoundHandler>;
