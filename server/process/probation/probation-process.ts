/**
 * One probation process. It is started for an owner, watched, and killed if it hangs or takes too much memory. After a
 * fault it is not replaced: its list of active runs is kept, and the modules on it are quarantined
 * (`ended-processes.ts`).
 */
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, relative } from 'node:path';
import type { QuarantineReason } from '../../db/handlers/standing.ts';
import type { MemoryGroups } from '../confinement/memory-groups.ts';
import { MemoryLimit } from '../confinement/memory-limit.ts';
import { ask } from '../supervisor/messages.ts';
import { LISTENING, waitUntilHung } from '../supervisor/supervised.ts';
import type { Patience } from '../supervisor/watchdog.ts';
import { dropActiveRuns, keepActiveRuns } from './ended-processes.ts';
import type { StartedProbation } from './processes.ts';

/** Environment of a probation process. */
export const PROBATION_OWNER = 'TRISIEL_PROBATION_OWNER';
export const PROBATION_SOCKET = 'TRISIEL_PROBATION_SOCKET';

export interface ProbationProcessOptions {
  /** @param env added to that of other processes */
  readonly launch: (env: Readonly<Record<string, string>>) => ChildProcess;
  /** For sockets and lists of active runs. */
  readonly folder: string;
  /** Limit of its memory, in bytes. A process above it is ended. */
  readonly memoryBytes: number;
  readonly memoryGroups?: MemoryGroups | undefined;
  readonly say: (text: string) => void;
  /** Called when a process ended by a fault, after its list of active runs was kept. */
  readonly onFault: () => void;
  readonly patience?: Patience;
}

/** Tighter than for shared processes: only its owner's handlers wait for it. */
const PATIENCE: Patience = {
  cpuMs: 2000,
  blockedMs: 10_000,
  stoppedMs: 5000,
  wallMs: 10_000,
  pollMs: 250,
};
/** Trusted processes have priority on a busy machine. */
const NICENESS = 10;
const LOOK_MS = 1000;
const START_MS = 20_000;
const ANSWER_MS = 1000;
/** The kernel's limit for a socket's path is 108 bytes on Linux and 104 on macOS, including a zero at the end. */
const MAX_PATH_BYTES = 103;

let count = 0;

export class ProbationProcess {
  readonly child: ChildProcess;
  /** Resolves when it listens or could not be started. */
  readonly started: Promise<StartedProbation>;
  /** Resolves when it has exited, or could not be executed. */
  readonly exited: Promise<void>;
  readonly #options: ProbationProcessOptions;
  readonly #ownerId: string;
  readonly #socketPath: string;
  readonly #memory: MemoryLimit;
  readonly #launchedAt = performance.now();
  /** The reason why this supervisor killed it. */
  #fault: QuarantineReason | undefined;
  #isStopping = false;
  #isBlameless = false;

  constructor(ownerId: string, options: ProbationProcessOptions) {
    const { launch, folder, memoryBytes, memoryGroups } = options;
    this.#options = options;
    this.#ownerId = ownerId;
    count += 1;
    this.#socketPath = shortest(join(folder, `${count}.sock`));
    this.child = launch({ [PROBATION_OWNER]: ownerId, [PROBATION_SOCKET]: this.#socketPath });
    lowerPriority(this.child.pid);
    this.#memory = new MemoryLimit(this.child, {
      maxBytes: memoryBytes,
      groups: memoryGroups,
      onOver: () =>
        this.#end('memory', `takes more than ${Math.floor(memoryBytes / 1024 ** 2)} MiB`),
    });
    this.exited = exitOf(this.child).then(() => this.#onExit());
    this.started = this.#watch();
  }

  /** Whether it accepts no more calls. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Milliseconds since it was launched. */
  get heldMs(): number {
    return performance.now() - this.#launchedAt;
  }

  /** Milliseconds since its last call ended; 0 if one is under way or it does not answer. */
  async idleMs(): Promise<number> {
    if (!this.child.connected) return 0;
    const answer = await ask(this.child, 'trisiel-probation-idle', ANSWER_MS);
    return answer !== undefined && 'idleMs' in answer ? Number(answer.idleMs) : 0;
  }

  /** Stops it when its calls have ended, or kills it if they have not ended in time. Resolves when it has exited. */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopping = true;
    this.child.kill('SIGTERM');
    const killing = setTimeout(() => this.#end('hung', 'does not stop'), patienceMs);
    await this.exited;
    clearTimeout(killing);
  }

  /** Like {@link stop}, for when the server stops: its exit is then not blamed on the modules in it. */
  stopForGood(patienceMs: number): Promise<void> {
    this.#isBlameless = true;
    return this.stop(patienceMs);
  }

  #watch(): Promise<StartedProbation> {
    const { child } = this;
    const { patience = PATIENCE, say } = this.#options;
    const listening = Promise.withResolvers<StartedProbation>();
    const late = setTimeout(() => {
      say('A probation process does not start; it is ended.');
      child.kill('SIGKILL');
    }, START_MS);
    let isListening = false;
    child.on('message', (message) => {
      if (isListening || message !== LISTENING) return;
      isListening = true;
      clearTimeout(late);
      listening.resolve({ socketPath: this.#socketPath });
      void waitUntilHung(child, { everyMs: LOOK_MS, patience }).then((isHung) => {
        if (isHung) this.#end('hung', 'hangs');
      });
    });
    void this.exited.then(() => {
      clearTimeout(late);
      listening.resolve('failed');
    });
    return listening.promise;
  }

  #end(fault: QuarantineReason, what: string): void {
    this.#options.say(`A probation process ${what}; it is ended.`);
    this.#fault ??= fault;
    this.child.kill('SIGKILL');
  }

  #onExit(): void {
    const { folder, onFault, say } = this.#options;
    const { pid, exitCode, signalCode } = this.child;
    rmSync(this.#socketPath, { force: true });
    if (this.#memory.close()) this.#fault ??= 'memory';
    if (pid === undefined) return;
    if (this.#isBlameless || (exitCode === 0 && this.#fault === undefined)) {
      dropActiveRuns(folder, pid);
      return;
    }
    say(`A probation process ended with ${signalCode ?? `status ${exitCode}`}.`);
    const reason = this.#fault ?? 'crashed';
    if (keepActiveRuns(folder, { pid, ownerId: this.#ownerId, reason })) onFault();
  }
}

/** Called right after the launch, because threads inherit the priority when they start. */
function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It has already ended, or the system does not allow it.
  }
}

function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    // A program that cannot be executed has no exit. Other errors, such as a lost message, do not end it.
    child.on('error', () => {
      if (child.pid === undefined) resolve();
    });
  });
}

/** All processes have the same working directory, and a path relative to it may be shorter. */
function shortest(path: string): string {
  const found = [path, relative(process.cwd(), path)].find(
    (each) => Buffer.byteLength(each) <= MAX_PATH_BYTES,
  );
  if (found === undefined) throw new Error('DATA_DIR is too long for the sockets of probation.');
  return found;
}
