/**
 * The probation processes of this machine: one for each owner who has versions on probation, started on demand, stopped
 * when idle, and never more than so many. One that crashes, hangs or grows past its memory is not replaced: what ran in
 * it is quarantined (`executor/probation/ended-processes.ts`), and the next call of its owner starts another.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, relative } from 'node:path';
import type { QuarantineReason } from '../../db/handlers/standing.ts';
import { dropActiveRuns, keepActiveRuns } from './ended-processes.ts';
import type { StartedProbation } from './processes.ts';
import { watchMemory } from '../confinement/memory-watch.ts';
import { ask } from '../supervisor/messages.ts';
import { LISTENING, waitUntilHung } from '../supervisor/supervised.ts';
import type { Patience } from '../supervisor/watchdog.ts';

/** Environment of a probation process. */
export const PROBATION_OWNER = 'TRISIEL_PROBATION_OWNER';
export const PROBATION_SOCKET = 'TRISIEL_PROBATION_SOCKET';

export interface ProbationPoolOptions {
  /** @param env added to that of other processes */
  readonly launch: (env: Readonly<Record<string, string>>) => ChildProcess;
  /** For sockets and lists of active runs. */
  readonly folder: string;
  readonly maxProcesses: number;
  /** In RAM, past which a process is ended. */
  readonly memoryBytes: number;
  readonly say: (text: string) => void;
  /** Called when a process ended by a fault, after its list of active runs was kept. */
  readonly onFault: () => void;
  /** Default: five minutes. */
  readonly idleMs?: number;
  /** How long a process without calls is kept even if another owner needs its place. Default: 5 seconds. */
  readonly minIdleMs?: number;
  readonly patience?: Patience;
}

interface Probation {
  readonly child: ChildProcess;
  readonly socketPath: string;
  readonly exited: Promise<unknown>;
  readonly started: Promise<StartedProbation>;
  /** Why this supervisor killed it. */
  fault: QuarantineReason | undefined;
  isStopping: boolean;
}

/** Tighter than for shared processes: only its owner's handlers wait for it. */
const PATIENCE: Patience = { cpuMs: 2000, blockedMs: 10_000, wallMs: 10_000, pollMs: 250 };
/** On a busy machine whoever has earned trust goes before. */
const NICENESS = 10;
const LOOK_MS = 1000;
const IDLE_MS = 300_000;
const MIN_IDLE_MS = 5000;
const SWEEP_MS = 15_000;
const START_MS = 20_000;
/** An idle process that does not stop by then is killed. */
const STOP_MS = 5000;
const ANSWER_MS = 1000;
/** The kernel's bound of a socket's path is 108 on Linux and 104 on macOS, with a zero at the end. */
const MAX_PATH_BYTES = 103;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class ProbationPool {
  readonly #options: ProbationPoolOptions;
  readonly #byOwner = new Map<string, Probation>();
  readonly #sweep: NodeJS.Timeout;
  #count = 0;
  /** One question for room at a time, so that two owners do not take the same place. */
  #room: Promise<unknown> = Promise.resolve();
  #isStopping = false;

  constructor(options: ProbationPoolOptions) {
    this.#options = options;
    this.#sweep = setInterval(() => void this.#stopIdle(), SWEEP_MS).unref();
  }

  running(): ChildProcess[] {
    return Array.from(this.#byOwner.values(), ({ child }) => child).filter(
      ({ connected }) => connected,
    );
  }

  /** The process of an owner, started if there is none. Never rejects. */
  async start(ownerId: string): Promise<StartedProbation> {
    if (!UUID.test(ownerId)) return 'failed';
    const known = this.#byOwner.get(ownerId);
    if (known !== undefined && !known.isStopping) return known.started;
    const asked = this.#room.then(async () => {
      const meanwhile = this.#byOwner.get(ownerId);
      if (meanwhile?.isStopping === true) await meanwhile.exited;
      else if (meanwhile !== undefined) return meanwhile;
      if (this.#isStopping || !(await this.#makeRoom())) return undefined;
      return this.#launch(ownerId);
    });
    this.#room = asked.catch(() => undefined);
    return asked.then(
      (probation) => probation?.started ?? 'busy',
      () => 'failed' as const,
    );
  }

  /** Stops all. Resolves when they have exited. */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#sweep);
    await this.#room;
    await Promise.all(Array.from(this.#byOwner.values(), (each) => stop(each, patienceMs)));
  }

  #launch(ownerId: string): Probation {
    const { launch, folder, memoryBytes, patience = PATIENCE, say } = this.#options;
    this.#count += 1;
    const socketPath = shortest(join(folder, `${this.#count}.sock`));
    const child = launch({ [PROBATION_OWNER]: ownerId, [PROBATION_SOCKET]: socketPath });
    lowerPriority(child.pid);
    const listening = Promise.withResolvers<StartedProbation>();
    const late = setTimeout(() => {
      say('A probation process does not start; it is ended.');
      child.kill('SIGKILL');
    }, START_MS);
    const probation: Probation = {
      child,
      socketPath,
      exited: exitOf(child),
      started: listening.promise,
      fault: undefined,
      isStopping: false,
    };
    const end = (fault: QuarantineReason, what: string): void => {
      say(`A probation process ${what}; it is ended.`);
      probation.fault = fault;
      child.kill('SIGKILL');
    };
    child.on('message', (message) => {
      if (message !== LISTENING) return;
      clearTimeout(late);
      listening.resolve({ socketPath });
      void waitUntilHung(child, { everyMs: LOOK_MS, patience }).then((isHung) => {
        if (isHung) end('hung', 'hangs');
      });
    });
    void watchMemory(child, memoryBytes).then((isOver) => {
      if (isOver) end('memory', `takes more than ${Math.floor(memoryBytes / 1024 ** 2)} MiB`);
    });
    void probation.exited.then(() => {
      clearTimeout(late);
      listening.resolve('failed');
      this.#onExit(ownerId, probation);
    });
    this.#byOwner.set(ownerId, probation);
    return probation;
  }

  #onExit(ownerId: string, probation: Probation): void {
    const { folder, onFault, say } = this.#options;
    const { child, socketPath, fault } = probation;
    if (this.#byOwner.get(ownerId) === probation) this.#byOwner.delete(ownerId);
    rmSync(socketPath, { force: true });
    const { pid } = child;
    if (pid === undefined) return;
    if (this.#isStopping || (child.exitCode === 0 && fault === undefined)) {
      dropActiveRuns(folder, pid);
      return;
    }
    say(`A probation process ended with ${child.signalCode ?? `status ${child.exitCode}`}.`);
    if (keepActiveRuns(folder, { pid, ownerId, reason: fault ?? 'crashed' })) onFault();
  }

  /** Whether there is room for one more, if need be after the process that is idle longest was stopped. */
  async #makeRoom(): Promise<boolean> {
    const { maxProcesses, minIdleMs = MIN_IDLE_MS } = this.#options;
    if (this.#byOwner.size < maxProcesses) return true;
    const [idlest] = (await this.#idleTimes())
      .filter(({ idleMs }) => idleMs >= minIdleMs)
      .sort((a, b) => b.idleMs - a.idleMs);
    if (idlest === undefined) return false;
    await stop(idlest.probation, STOP_MS);
    return true;
  }

  async #stopIdle(): Promise<void> {
    const { idleMs: most = IDLE_MS } = this.#options;
    for (const { probation, idleMs } of await this.#idleTimes()) {
      if (idleMs >= most) void stop(probation, STOP_MS);
    }
  }

  async #idleTimes(): Promise<{ probation: Probation; idleMs: number }[]> {
    const all = Array.from(this.#byOwner.values()).filter(({ child }) => child.connected);
    return Promise.all(
      all.map(async (probation) => {
        const answer = await ask(probation.child, 'trisiel-probation-idle', ANSWER_MS);
        const idleMs = answer !== undefined && 'idleMs' in answer ? Number(answer.idleMs) : 0;
        return { probation, idleMs };
      }),
    );
  }
}

/** At once: threads that a process starts later inherit it. */
function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It ended already, or the system does not let us.
  }
}

async function stop(probation: Probation, patienceMs: number): Promise<void> {
  probation.isStopping = true;
  const { child, exited } = probation;
  child.kill('SIGTERM');
  const killing = setTimeout(() => {
    probation.fault ??= 'hung';
    child.kill('SIGKILL');
  }, patienceMs);
  await exited;
  clearTimeout(killing);
}

/** Resolves when it has exited, or could not be executed. */
async function exitOf(child: ChildProcess): Promise<void> {
  const failed = new Promise<void>((resolve) => {
    child.on('error', () => {
      if (child.pid === undefined) resolve();
    });
  });
  await Promise.race([once(child, 'exit').catch(() => undefined), failed]);
}

/** All processes have one working directory, and a path that begins there may be shorter. */
function shortest(path: string): string {
  const found = [path, relative(process.cwd(), path)].find(
    (each) => Buffer.byteLength(each) <= MAX_PATH_BYTES,
  );
  if (found === undefined) throw new Error('DATA_DIR is too long for the sockets of probation.');
  return found;
}
