/**
 * The probation processes of this machine: at most one per owner, started on demand, up to a maximum.
 *
 * Places are shared by turns. An owner for whom there is no place waits in line. While anyone waits, a process that is
 * idle, or that its owner has held for longer than `holdMs`, takes no new calls: it finishes active calls, which take
 * at most a minute in every tier, and its place goes to the owner that waits longest. So owners whose runs never end
 * well cannot keep others from running.
 */
import type { ChildProcess } from 'node:child_process';
import { LONGEST_RUN_MS } from '../../tiers.ts';
import type { StartedProbation } from './processes.ts';
import { ProbationProcess, type ProbationProcessOptions } from './probation-process.ts';

export interface ProbationPoolOptions extends ProbationProcessOptions {
  readonly maxProcesses: number;
  /** How long a process without calls is kept if nobody needs its place. Default: five minutes. */
  readonly idleMs?: number;
  /** The same while an owner waits for a place. Default: 5 seconds. */
  readonly minIdleMs?: number;
  /** How long an owner keeps a busy process while others wait for a place. Default: 30 seconds. */
  readonly holdMs?: number;
  /** How long a request waits for a process. Default: 20 seconds. */
  readonly waitMs?: number;
}

const IDLE_MS = 300_000;
const MIN_IDLE_MS = 5000;
const HOLD_MS = 30_000;
const WAIT_MS = 20_000;
const SWEEP_MS = 15_000;
/** Poll interval for free places while owners wait. */
const LOOK_MS = 500;
/**
 * Time after which a process that has not stopped is killed. A call may reach even an idle process just before it
 * stops.
 */
const STOP_MS = LONGEST_RUN_MS + 20_000;
/** Maximum number of owners in line. */
const MAX_WAITING = 1000;
/** How long an owner keeps its place in line after its last caller gave up. Callers are asked to retry after 5 s. */
const KEEP_PLACE_MS = 15_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An owner in line. */
interface Waiting {
  readonly served: PromiseWithResolvers<StartedProbation>;
  /** When the last request of the owner ends. */
  until: number;
}

export class ProbationPool {
  readonly #options: ProbationPoolOptions;
  readonly #byOwner = new Map<string, ProbationProcess>();
  /** In order of arrival. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #sweep: NodeJS.Timeout;
  #look: NodeJS.Timeout | undefined;
  #isFreeing = false;
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

  /**
   * The process of an owner, started if there is none. If all places are taken, waits for one, and resolves with `busy`
   * after `waitMs`; the owner keeps its place in line for a while. Never rejects.
   */
  async start(ownerId: string): Promise<StartedProbation> {
    if (!UUID.test(ownerId)) return 'failed';
    const own = this.#byOwner.get(ownerId);
    if (own !== undefined && !own.isStopping) return own.started;
    const waiting = this.#waiting.get(ownerId) ?? this.#enqueue(ownerId);
    if (waiting === undefined) return 'busy';
    const { waitMs = WAIT_MS } = this.#options;
    waiting.until = performance.now() + waitMs;
    this.#assign();
    const late = Promise.withResolvers<StartedProbation>();
    const timer = setTimeout(() => late.resolve('busy'), waitMs);
    const started = await Promise.race([waiting.served.promise, late.promise]);
    clearTimeout(timer);
    return started;
  }

  /**
   * Stops all processes. Resolves when they have exited. From now on no process is started, and no exit counts as a
   * fault.
   */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#sweep);
    clearTimeout(this.#look);
    for (const { served } of this.#waiting.values()) served.resolve('busy');
    this.#waiting.clear();
    const all = Array.from(this.#byOwner.values());
    await Promise.all(all.map((each) => each.stopForGood(patienceMs)));
  }

  #enqueue(ownerId: string): Waiting | undefined {
    if (this.#isStopping || this.#waiting.size >= MAX_WAITING) return undefined;
    const waiting = { served: Promise.withResolvers<StartedProbation>(), until: 0 };
    this.#waiting.set(ownerId, waiting);
    return waiting;
  }

  /** Assigns free places to the owners that wait longest, and requests places for the others. */
  #assign(): void {
    const now = performance.now();
    for (const [ownerId, { served, until }] of this.#waiting) {
      if (until + KEEP_PLACE_MS < now) {
        this.#waiting.delete(ownerId);
        served.resolve('busy');
      } else if (
        // Its last process may still be finishing calls; an owner never has two.
        !this.#byOwner.has(ownerId) &&
        this.#byOwner.size < this.#options.maxProcesses
      ) {
        this.#waiting.delete(ownerId);
        served.resolve(this.#launch(ownerId));
      }
    }
    if (this.#waiting.size > 0) void this.#freePlaces();
  }

  async #launch(ownerId: string): Promise<StartedProbation> {
    try {
      const launched = new ProbationProcess(ownerId, this.#options);
      this.#byOwner.set(ownerId, launched);
      void launched.exited.then(() => {
        this.#byOwner.delete(ownerId);
        this.#assign();
      });
      return launched.started;
    } catch {
      return 'failed';
    }
  }

  /** Stops a process for each owner in line: those that are idle longest, then those that are held longest. */
  async #freePlaces(): Promise<void> {
    if (this.#isFreeing) return;
    this.#isFreeing = true;
    const { holdMs = HOLD_MS, minIdleMs = MIN_IDLE_MS } = this.#options;
    const found = (await this.#idleTimes())
      .filter(({ each, idleMs }) => idleMs >= minIdleMs || each.heldMs >= holdMs)
      .sort((a, b) => b.idleMs - a.idleMs || b.each.heldMs - a.each.heldMs);
    const stopping = Array.from(this.#byOwner.values()).filter(({ isStopping }) => isStopping);
    const wanted = Math.max(0, this.#waiting.size - stopping.length);
    for (const { each } of found.slice(0, wanted)) void each.stop(STOP_MS);
    this.#isFreeing = false;
    clearTimeout(this.#look);
    if (!this.#isStopping) this.#look = setTimeout(() => this.#assign(), LOOK_MS).unref();
  }

  async #stopIdle(): Promise<void> {
    const { idleMs: most = IDLE_MS } = this.#options;
    for (const { each, idleMs } of await this.#idleTimes()) {
      if (idleMs >= most) void each.stop(STOP_MS);
    }
  }

  /** Returns the idle times of the processes that accept calls. */
  async #idleTimes(): Promise<{ each: ProbationProcess; idleMs: number }[]> {
    const all = Array.from(this.#byOwner.values()).filter(({ isStopping }) => !isStopping);
    return Promise.all(all.map(async (each) => ({ each, idleMs: await each.idleMs() })));
  }
}
