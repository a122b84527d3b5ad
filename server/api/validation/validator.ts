/** Checks what strangers submit in processes of their own: bounded in time, in memory, and in how many wait. */
import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ProblemError } from '../../problems.ts';
import type { CheckedModule, CheckedPolicy, CheckReply, CheckRequest } from './messages.ts';

export interface ValidatorOptions {
  /** One check may take so long. */
  readonly timeoutMs: number;
  /** Processes at one time. */
  readonly processes: number;
  /** Checks that may wait. */
  readonly queue: number;
  /** Checks of one user that may wait or run. */
  readonly queuePerUser: number;
  /** Resident memory of a process, past which it is killed; watched where the system tells it. */
  readonly memoryBytes: number;
}

export const VALIDATOR_DEFAULTS: ValidatorOptions = {
  timeoutMs: 10_000,
  processes: 1,
  queue: 64,
  queuePerUser: 4,
  memoryBytes: 768 * 1024 * 1024,
};

type Question = { kind: 'module'; bytes: Uint8Array } | { kind: 'policy'; text: string };

interface Waiting {
  readonly question: Question;
  readonly userId: string;
  readonly resolve: (reply: CheckReply) => void;
  readonly reject: (error: Error) => void;
}

/** What is wrong with a text, and where: 1-based. */
interface TextProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

const PROGRAM = fileURLToPath(new URL('process.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** A started process has so long to say that it is ready. */
const START_MS = 30_000;
const WATCH_MS = 50;
const PAGE_BYTES = 4096;

export class Validator {
  readonly #options: ValidatorOptions;
  readonly #waiting: Waiting[] = [];
  readonly #perUser = new Map<string, number>();
  readonly #idle: ChildProcess[] = [];
  readonly #alive = new Set<ChildProcess>();
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
    for (const child of this.#alive) child.kill('SIGKILL');
  }

  #ask(userId: string, question: Question): Promise<CheckReply> {
    if (this.#closed) throw stopping();
    const own = this.#perUser.get(userId) ?? 0;
    if (own >= this.#options.queuePerUser) {
      throw new ProblemError(
        'too-many-requests',
        `You have ${own} checks under way. Wait until one is done.`,
        {
          headers: { 'retry-after': '2' },
        },
      );
    }
    if (this.#waiting.length >= this.#options.queue) {
      throw new ProblemError(
        'unavailable',
        'Too many modules are being checked. Try again in a moment.',
        {
          headers: { 'retry-after': '5' },
        },
      );
    }
    this.#perUser.set(userId, own + 1);
    const answered = new Promise<CheckReply>((resolve, reject) => {
      this.#waiting.push({ question, userId, resolve, reject });
    }).finally(() => {
      const left = (this.#perUser.get(userId) ?? 1) - 1;
      if (left === 0) this.#perUser.delete(userId);
      else this.#perUser.set(userId, left);
    });
    this.#next();
    return answered;
  }

  #next(): void {
    if (this.#running >= this.#options.processes) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#running += 1;
    this.#run(next.question)
      .then(next.resolve, next.reject)
      .finally(() => {
        this.#running -= 1;
        this.#next();
      });
  }

  async #run(question: Question): Promise<CheckReply> {
    const child = this.#idle.pop() ?? (await this.#start());
    const reply = await this.#exchange(child, { id: 1, ...question });
    if (reply.kind === 'failed') {
      child.kill('SIGKILL');
      throw new Error(`checking failed: ${reply.message}`);
    }
    if (child.connected) this.#idle.push(child);
    return reply;
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(PROGRAM, [], {
      serialization: 'advanced',
      // Nothing of this process: no secret is in reach of a stranger's module.
      env: {},
      execArgv: [
        '--permission',
        // Its own program, and no data folder that may lie beside it.
        ...['olin', 'server', 'node_modules', 'package.json'].map(
          (part) => `--allow-fs-read=${ROOT}${part}`,
        ),
        '--max-old-space-size=512',
        '--no-warnings',
      ],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#alive.add(child);
    child.once('exit', () => {
      this.#alive.delete(child);
      const at = this.#idle.indexOf(child);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    // A message that comes too late for it; its exit tells the rest.
    child.on('error', () => undefined);
    // Idle, it keeps no program from ending.
    child.unref();
    child.channel?.unref();
    await this.#answer(
      child,
      START_MS,
      Infinity,
      () => new Error('the checking process did not start'),
    );
    return child;
  }

  #exchange(child: ChildProcess, request: CheckRequest): Promise<CheckReply> {
    const what = request.kind === 'module' ? 'module' : 'policy';
    const { timeoutMs, memoryBytes } = this.#options;
    const answered = this.#answer(child, timeoutMs, memoryBytes, (late) =>
      request.kind === 'module'
        ? new ProblemError(
            'module-refused',
            late
              ? `The module took longer than ${timeoutMs} ms to check. Make it smaller, or split its largest functions.`
              : 'The module needs more memory to compile than a check has. Make it smaller, or split its largest functions.',
          )
        : new ProblemError(
            'policy-refused',
            `The ${what} took too long to check. Make its expressions simpler.`,
          ),
    );
    child.send(request);
    return answered;
  }

  /** The next answer; where it is late, or the process is gone or too large, the process is killed. */
  #answer(
    child: ChildProcess,
    timeoutMs: number,
    memoryBytes: number,
    toError: (late: boolean) => Error,
  ): Promise<CheckReply> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        clearInterval(watch);
        child.off('message', onMessage);
        child.off('exit', onExit);
      };
      const give = (error: Error): void => {
        done();
        child.kill('SIGKILL');
        reject(error);
      };
      const onMessage = (reply: unknown): void => {
        done();
        resolve(reply as CheckReply);
      };
      const onExit = (): void => give(this.#closed ? stopping() : toError(false));
      const timer = setTimeout(() => give(toError(true)), timeoutMs);
      const watch = setInterval(() => {
        void residentBytes(child.pid).then((bytes) => {
          if (bytes > memoryBytes) give(toError(false));
        });
      }, WATCH_MS);
      child.on('message', onMessage);
      child.once('exit', onExit);
    });
  }
}

function stopping(): ProblemError {
  return new ProblemError('unavailable', 'The server is stopping. Try again in a moment.', {
    headers: { 'retry-after': '5' },
  });
}

/** Where the system tells it; 0 elsewhere. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(text.split(' ')[1] ?? 0) * PAGE_BYTES;
}
