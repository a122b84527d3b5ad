/** Checks what strangers submit in processes of their own: bounded in time, in memory, and in how many wait. */
import { Confinement } from '../../process/confinement/confinement.ts';
import { PerKeyLimit } from '../../per-key-limit.ts';
import { ProblemError } from '../../problems/problems.ts';
import { CheckKilled, CheckProcess, type CheckAnswer, type Question } from './check-process.ts';
import type { CheckedModule, CheckedPolicy, Tier } from './messages.ts';

export interface ValidatorOptions {
  /** CPU time that a stage of one check may take, and a quarter of what it may take on the clock. */
  readonly timeoutMs: number;
  /** Checks at one time; each may have a process for every stage. */
  readonly processes: number;
  /** Checks that may wait. */
  readonly queue: number;
  /** Checks of one user that may wait or run. */
  readonly queuePerUser: number;
  /** Memory in RAM of a process, past which it is killed; watched where the system reports it. */
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
 * A process has one of two jobs: it scans, checks and meters, or it compiles what another has metered. The memory of the
 * one is not charged to the other.
 */
type Job = 'scan' | 'compile';

const TIERS: readonly Tier[] = ['liftoff', 'turbofan'];
/** Of a check's bound in CPU time. */
const WALL_PER_CPU = 4;

interface Waiting {
  readonly question: Question;
  readonly userId: string;
  readonly resolve: (reply: CheckAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** What is wrong with a text, and where: 1-based. */
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
  /** The turn in which a user with checks under way was last served. */
  readonly #served = new Map<string, number>();
  #turn = 0;
  #running = 0;
  #closed = false;

  constructor(options: Partial<ValidatorOptions> = {}) {
    this.#options = { ...VALIDATOR_DEFAULTS, ...options };
  }

  /** Checks waiting or running. */
  get depth(): number {
    return this.#waiting.length + this.#running;
  }

  /** Throws a `module-refused` problem with a sentence for the author. */
  async checkModule(userId: string, bytes: Uint8Array): Promise<CheckedModule> {
    const reply = await this.#ask(userId, { kind: 'module', bytes });
    if (reply.kind === 'module') return reply.module;
    if (reply.kind === 'refused') throw new ProblemError('module-refused', reply.refused.message);
    throw new Error('a check gave another kind of answer');
  }

  /** Throws a `policy-refused` problem with a sentence that names line and column. */
  async checkPolicy(userId: string, text: string): Promise<CheckedPolicy> {
    const found = await this.findPolicyProblem(userId, text);
    if ('policy' in found) return found.policy;
    throw new ProblemError('policy-refused', found.problem.message);
  }

  /** The same, with what is wrong as an answer. */
  async findPolicyProblem(
    userId: string,
    text: string,
  ): Promise<{ readonly policy: CheckedPolicy } | { readonly problem: TextProblem }> {
    const reply = await this.#ask(userId, { kind: 'policy', text });
    if (reply.kind === 'policy') return { policy: reply.policy };
    if (reply.kind !== 'refused') throw new Error('a check gave another kind of answer');
    const { message, line = 1, column = 1 } = reply.refused;
    return { problem: { message, line, column } };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(stopping());
    for (const process of this.#alive) process.kill();
  }

  #ask(userId: string, question: Question): Promise<CheckAnswer> {
    if (this.#closed) throw stopping();
    const { queue, queuePerUser } = this.#options;
    const end = this.#perUser.enter(userId, queuePerUser);
    if (typeof end !== 'function') {
      throw new ProblemError(
        'too-many-requests',
        `You have ${queuePerUser} checks under way. Wait until one is done.`,
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

  /** The user who was served longest ago comes first: whoever fills the queue waits behind the others. */
  #takeNext(): Waiting | undefined {
    const servedAt = ({ userId }: Waiting): number => this.#served.get(userId) ?? 0;
    const [first] = this.#waiting.toSorted((a, b) => servedAt(a) - servedAt(b));
    if (first === undefined) return undefined;
    this.#waiting.splice(this.#waiting.indexOf(first), 1);
    this.#turn += 1;
    this.#served.set(first.userId, this.#turn);
    return first;
  }

  async #run(question: Question): Promise<CheckAnswer> {
    if (question.kind === 'policy') return this.#askProcess('scan', question);
    // Started while the other one scans.
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

  async #askProcess(job: Job, question: Question): Promise<CheckAnswer> {
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
      // What earlier modules left in a process is nobody's fault; a new one gives the verdict.
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

const WHO: Readonly<Record<Tier, string>> = {
  liftoff: 'The engine’s baseline compiler',
  turbofan: 'The engine’s optimising compiler',
};

/** What is refused for what its check takes. */
function tooMuch(
  question: Question,
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
