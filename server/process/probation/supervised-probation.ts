/**
 * The supervisor's part in probation: starts probation processes for executor processes, and notifies those of process
 * deaths.
 */
import type { ChildProcess } from 'node:child_process';
import { dataPaths } from '../../config.ts';
import { dropActiveRuns, keepActiveRuns } from './ended-processes.ts';
import { PROCESS_KINDS, type LaunchContext } from '../supervisor/kinds.ts';
import { launch } from '../confinement/launch.ts';
import { ignoreLoss, isMessage, type Message } from '../supervisor/messages.ts';
import { ACTIVE_RUNS_FOLDER, makeActiveRunsFolder } from './probation-access.ts';
import { ProbationPool } from './probation-pool.ts';

export interface SupervisedProbationOptions {
  readonly context: LaunchContext;
  readonly env: Readonly<Record<string, string>>;
  readonly say: (text: string) => void;
  /** Returns the running executor processes. */
  readonly guests: () => readonly ChildProcess[];
}

export class SupervisedProbation {
  readonly pool: ProbationPool;
  /** Added to the environment of executor processes. */
  readonly env: Readonly<Record<string, string>>;
  readonly #options: SupervisedProbationOptions;
  readonly #folder: string;
  #isStopping = false;

  constructor(options: SupervisedProbationOptions) {
    this.#options = options;
    const { context, say } = options;
    const { config } = context;
    this.#folder = makeActiveRunsFolder(dataPaths(config).runs);
    this.env = { [ACTIVE_RUNS_FOLDER]: this.#folder };
    this.pool = new ProbationPool({
      launch: (env) => launch('probation', { ...options.env, ...this.env, ...env }, context),
      folder: this.#folder,
      maxProcesses: config.probationProcesses,
      memoryBytes: PROCESS_KINDS.probation.memoryBytes?.(config) ?? Infinity,
      memoryGroups: context.memoryGroups,
      say,
      onFault: () => this.#notifyGuests(),
    });
  }

  /** Call it with each executor process that is started. */
  watchGuest(child: ChildProcess): void {
    child.on('message', (message: unknown) => {
      if (!isMessage(message, 'trisiel-probation-start')) return;
      const ownerId = 'ownerId' in message ? String(message.ownerId) : '';
      void this.pool.start(ownerId).then((started) => {
        const answer = typeof started === 'object' ? started : { outcome: started };
        if (child.connected) child.send({ ...message, ...answer }, ignoreLoss);
      });
    });
    child.once('exit', (code) => {
      const { pid } = child;
      if (pid === undefined) return;
      if (this.#isStopping || code === 0) dropActiveRuns(this.#folder, pid);
      else if (keepActiveRuns(this.#folder, { pid })) this.#notifyGuests();
    });
  }

  /** From now on the exit of an executor process is not blamed on the modules in it. */
  prepareStop(): void {
    this.#isStopping = true;
  }

  stop(patienceMs: number): Promise<void> {
    return this.pool.stop(patienceMs);
  }

  /** A process that is just starting finds the kept lists by itself. */
  #notifyGuests(): void {
    const message: Message = { kind: 'trisiel-process-ended', id: 0 };
    for (const guest of this.#options.guests()) guest.send(message, ignoreLoss);
  }
}
