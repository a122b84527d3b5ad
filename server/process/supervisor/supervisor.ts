/** Keeps the processes of this machine alive, and stops them in order. It serves nothing itself. */
import type { ChildProcess } from 'node:child_process';
import { LONGEST_RUN_MS } from '../../tiers.ts';
import { KeptProcess } from './kept-process.ts';
import { PROCESS_KINDS, type LaunchContext, type ProcessKind } from './kinds.ts';
import { serveMetricsSums } from './metrics.ts';
import { SupervisedProbation } from '../probation/supervised-probation.ts';

export interface SupervisorOptions {
  /** Added to the environment of all processes, such as the ports. */
  readonly env: Readonly<Record<string, string>>;
  readonly context: LaunchContext;
  readonly say: (text: string) => void;
}

/**
 * Time limit of each stage of a stop: its processes finish their runs and write them to the database. Executor processes,
 * probation processes and the web process are a stage each, so a service manager must allow the sum for those it runs.
 */
export const STAGE_STOP_MS = LONGEST_RUN_MS + 20_000;

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #kept = new Set<KeptProcess>();
  #stopping: Promise<void> | undefined;
  /** Undefined before the first executor process, and if there is no probation. */
  #probation: SupervisedProbation | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Starts processes of a kind. They are replaced until {@link stop} is called; after it, none is started.
   * Resolves when all of them listen.
   * @param env added to the environment of these processes
   */
  async keep(
    kind: ProcessKind,
    count = 1,
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    if (this.#stopping !== undefined) return;
    if (kind === 'guest') this.#probation ??= this.#openProbation();
    const fresh = Array.from({ length: count }, () => this.#keepOne(kind, env));
    await Promise.all(fresh.map(({ listening }) => listening));
  }

  /** The running processes of a kind. */
  running(kind: ProcessKind): ChildProcess[] {
    return Array.from(this.#kept).flatMap(({ kind: own, child }) =>
      own === kind && child?.connected === true ? [child] : [],
    );
  }

  /** Stops all processes, stage by stage (`kinds.ts`). Resolves when all have exited. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopStages();
    return this.#stopping;
  }

  #keepOne(kind: ProcessKind, env: Readonly<Record<string, string>>): KeptProcess {
    const kept = new KeptProcess({
      kind,
      env: { ...this.#options.env, ...env, ...this.#probation?.env },
      context: this.#options.context,
      say: this.#options.say,
      // The web process has separate metrics.
      onStart: (child) => {
        serveMetricsSums(child, () => [
          ...this.running('guest'),
          ...(this.#probation?.pool.running() ?? []),
        ]);
        if (kind === 'guest') this.#probation?.watchGuest(child);
      },
    });
    this.#kept.add(kept);
    return kept;
  }

  #openProbation(): SupervisedProbation | undefined {
    const { context, env, say } = this.#options;
    if (context.config.probationRuns === 0) return undefined;
    return new SupervisedProbation({
      context,
      env,
      say,
      guests: () => this.running('guest'),
    });
  }

  async #stopStages(): Promise<void> {
    const all = Array.from(this.#kept);
    for (const kept of all) kept.prepareStop();
    this.#probation?.prepareStop();
    const stages = Map.groupBy(all, ({ kind }) => PROCESS_KINDS[kind].stopStage);
    for (const [, stage] of Array.from(stages).sort(([a], [b]) => a - b)) {
      await Promise.all(stage.map((kept) => kept.stop(STAGE_STOP_MS)));
      // Executor processes forward calls to them until they have stopped, and they write to the web process's database.
      if (stage.some(({ kind }) => kind === 'guest')) await this.#probation?.stop(STAGE_STOP_MS);
    }
  }
}
