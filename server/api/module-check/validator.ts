/** Checks untrusted modules and policies in separate processes, with bounds on time, memory and queue length. */
import { Confinement } from '../../process/confinement/confinement.ts';
import { PerKeyLimit } from '../../per-key-limit.ts';
import { ProblemError } from '../../problems/problems.ts';
import {
  CheckKilled,
  CheckProcess,
  type CheckAnswer,
  type CheckQuestion,
} from './check-process.ts';
import type { CheckedModule, CheckedPolicy, CompilerTier } from './messages.ts';

export interface ValidatorOptions {
  /** CPU time limit of one stage of a check. The wall time limit is four times as long. */
  readonly timeoutMs: number;
  /** Maximum number of concurrent checks. Each may use one process per job. */
  readonly processes: number;
  /** Maximum number of waiting checks. */
  readonly queue: number;
  /** Maximum number of waiting and running checks of one user. */
  readonly queuePerUser: number;
  /** Maximum resident memory of a process, enforced if the system reports it. */
  readonly memoryBytes: number;
}

export const VALIDATOR_DEFAULTS: ValidatorOptions = {
  timeoutMs: 10_000,
  processes: 1,
  queue: 64,
  queuePerUser: 4,
  memoryBytes: 768 * 1024 * 1024,
};

/**
 * The job of a process: `scan` inspects, checks and meters a module; `compile` compiles metered modules. They are separate
 * so that the memory of one does not count against the other.
 */
type Job = 'scan' | 'compile';

const TIERS: readonly CompilerTier[] = ['liftoff', 'turbofan'];
/** Wall time limit as a multiple of the CPU time limit. */
const WALL_PER_CPU = 4;

interface Waiting {
  readonly question: CheckQuestion;
  readonly userId: string;
  readonly resolve: (reply: CheckAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** An error in a policy. Line and column are 1-based. */
interface TextProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

export class Validator {
  readonly #options: ValidatorOptions;
  readonly #waiting: Waiting[] = [];
  readonly #perUser = new PerKeyLimit();
  readonly #idle: Record<Job, CheckProcess[]> = { scan: [], compile: [] };
  readonly #alive = new Set<CheckProcess>();
  /** The turn in which each user with unfinished checks was last served. */
  readonly #served = new Map<string, number>();
  #turn = 0;
  #running = 0;
  #closed = false;

  constructor(options: Partial<ValidatorOptions> = {}) {
    this.#options = { ...VALIDATOR_DEFAULTS, ...options };
  }

  /** Number of waiting and running checks. */
  get depth(): number {
    return this.#waiting.length + this.#running;
  }

  /** Checks and meters a module. Throws a `module-refused` problem. */
  async checkModule(userId: string, bytes: Uint8Array): Promise<CheckedModule> {
    const reply = await this.#ask(userId, { kind: 'module', bytes });
    if (reply.kind === 'module') return reply.module;
    if (reply.kind === 'refused') throw new ProblemError('module-refused', reply.refused.message);
    throw new Error('a check returned an unexpected kind of result');
  }

  /** Checks a policy. Throws a `policy-refused` problem that names line and column. */
  async checkPolicy(userId: string, text: string): Promise<CheckedPolicy> {
    const found = await this.findPolicyProblem(userId, text);
    if ('policy' in found) return found.policy;
    throw new ProblemError('policy-refused', found.problem.message);
  }

  /** Checks a policy, and returns the error instead of throwing it. */
  async findPolicyProblem(
    userId: string,
    text: string,
  ): Promise<{ readonly policy: CheckedPolicy } | { readonly problem: TextProblem }> {
    const reply = await this.#ask(userId, { kind: 'policy', text });
    if (reply.kind === 'policy') return { policy: reply.policy };
    if (reply.kind !== 'refused') throw new Error('a check returned an unexpected kind of result');
    const { message, line = 1, column = 1 } = reply.refused;
    return { problem: { message, line, column } };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(stopping());
    for (const process of this.#alive) process.kill();
  }

  #ask(userId: string, question: CheckQuestion): Promise<CheckAnswer> {
    if (this.#closed) throw stopping();
    const { queue, queuePerUser } = this.#options;
    const end = this.#perUser.enter(userId, queuePerUser);
    if (typeof end !== 'function') {
      throw new ProblemError(
        'too-many-requests',
        `You have ${queuePerUser} checks in progress. Wait until one is done.`,
        { headers: { 'retry-after': '2' } },
      );
    }
    if (this.#waiting.length >= queue) {
      end();
      throw new ProblemError(
        'unavailable',
        'Too many modules are being checked. Try again in a moment.',
        { headers: { 'retry-after': '5' } },
      );
    }
    const answered = new Promise<CheckAnswer>((resolve, reject) => {
      this.#waiting.push({ question, userId, resolve, reject });
    }).finally(() => {
      end();
      if (this.#perUser.countOf(userId) === 0) this.#served.delete(userId);
    });
    this.#next();
    return answered;
  }

  #next(): void {
    if (this.#running >= this.#options.processes) return;
    const next = this.#takeNext();
    if (next === undefined) return;
    this.#running += 1;
    this.#run(next.question)
      .then(next.resolve, next.reject)
      .finally(() => {
        this.#running -= 1;
        this.#next();
      });
  }

  /** Serves users in turn, least recently served first, so that one who fills the queue does not delay others. */
  #takeNext(): Waiting | undefined {
    const servedAt = ({ userId }: Waiting): number => this.#served.get(userId) ?? 0;
    const [first] = this.#waiting.toSorted((a, b) => servedAt(a) - servedAt(b));
    if (first === undefined) return undefined;
    this.#waiting.splice(this.#waiting.indexOf(first), 1);
    this.#turn += 1;
    this.#served.set(first.userId, this.#turn);
    return first;
  }

  async #run(question: CheckQuestion): Promise<CheckAnswer> {
    if (question.kind === 'policy') return this.#askProcess('scan', question);
    // The compile process starts while the other one scans.
    const spare = this.#idle.compile.length === 0 ? this.#start('compile') : undefined;
    const started = spare?.then((process) => void this.#idle.compile.push(process));
    const [scanned] = await Promise.allSettled([this.#askProcess('scan', question), started]);
    if (scanned.status === 'rejected') throw scanned.reason;
    const answer = scanned.value;
    if (answer.kind !== 'module') return answer;
    const { metered } = answer.module;
    for (const tier of TIERS) {
      await this.#askProcess('compile', { kind: 'compile', tier, bytes: metered });
    }
    return answer;
  }

  async #askProcess(job: Job, question: CheckQuestion): Promise<CheckAnswer> {
    const { timeoutMs, memoryBytes } = this.#options;
    const bounds = { cpuMs: timeoutMs, wallMs: WALL_PER_CPU * timeoutMs, memoryBytes };
    const process = this.#idle[job].pop() ?? (await this.#start(job));
    const { isUsed } = process;
    try {
      const answer = await process.ask(question, bounds);
      if (process.isAlive) this.#idle[job].push(process);
      return answer;
    } catch (error) {
      if (this.#closed) throw stopping();
      if (!(error instanceof CheckKilled) || error.why === 'failed') throw error;
      // Earlier modules may have caused it. A new process decides.
      if (isUsed && error.why !== 'late') return this.#askProcess(job, question);
      throw tooMuch(question, error.why === 'late', this.#options);
    }
  }

  async #start(job: Job): Promise<CheckProcess> {
    const confinement = await Confinement.open();
    const { memoryBytes } = this.#options;
    const started = await CheckProcess.start(confinement, memoryBytes, (process) => {
      this.#alive.delete(process);
      const at = this.#idle[job].indexOf(process);
      if (at >= 0) this.#idle[job].splice(at, 1);
    });
    this.#alive.add(started);
    if (this.#closed) started.kill();
    return started;
  }
}

const WHO: Readonly<Record<CompilerTier, string>> = {
  liftoff: 'The engine’s baseline compiler',
  turbofan: 'The engine’s optimizing compiler',
};

/** The problem for a module or policy whose check exceeds its bounds. */
function tooMuch(
  question: CheckQuestion,
  isLate: boolean,
  { timeoutMs, memoryBytes }: ValidatorOptions,
): ProblemError {
  if (question.kind === 'policy') {
    return new ProblemError(
      'policy-refused',
      'The policy took too long to check. Make its expressions simpler.',
    );
  }
  const who = question.kind === 'compile' ? WHO[question.tier] : 'The check';
  const mebibytes = Math.floor(memoryBytes / 1024 ** 2);
  const what = isLate
    ? `${who} took longer than ${timeoutMs} ms for the module.`
    : `${who} needs more memory for the module than ${mebibytes} MiB, or fails on it.`;
  const advice = 'Make the module smaller, or split its largest functions.';
  return new ProblemError('module-refused', `${what} ${advice}`);
}

function stopping(): ProblemError {
  return new ProblemError('unavailable', 'The server is stopping. Try again in a moment.', {
    headers: { 'retry-after': '5' },
  });
}
