/** A check process: started without secrets, monitored while it works, and killed if it exceeds its bounds. */
import { fork, type ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { Socket } from 'node:net';
import { setPriority } from 'node:os';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Confinement } from '../../process/confinement/confinement.ts';
import { forkOptions } from '../../process/confinement/launch.ts';
import { processCpuMs, residentBytes } from '../../process/confinement/proc.ts';
import { writeBytes, readBytes } from './bytes.ts';
import type {
  CheckedModule,
  CheckedPolicy,
  CheckReply,
  CheckRequest,
  Refused,
  CompilerTier,
} from './messages.ts';

export type CheckQuestion =
  | { readonly kind: 'module'; readonly bytes: Uint8Array }
  | { readonly kind: 'compile'; readonly tier: CompilerTier; readonly bytes: Uint8Array }
  | { readonly kind: 'policy'; readonly text: string };

export type CheckAnswer =
  | { readonly kind: 'module'; readonly module: CheckedModule }
  | { readonly kind: 'compiled' }
  | { readonly kind: 'policy'; readonly policy: CheckedPolicy }
  | { readonly kind: 'refused'; readonly refused: Refused };

export interface CheckBounds {
  /** CPU time, if the system reports it. Unlike wall time, it does not depend on the load of the machine. */
  readonly cpuMs: number;
  /** Wall time. */
  readonly wallMs: number;
  /** Resident memory, if the system reports it. */
  readonly memoryBytes: number;
}

/** The check process was killed: it took too long, grew too large, ended by itself (a crash, or out of memory), or failed. */
export class CheckKilled extends Error {
  readonly why: 'late' | 'large' | 'ended' | 'failed';
  constructor(why: CheckKilled['why'], detail = '') {
    super(`a check process was ${why}${detail === '' ? '' : `: ${detail}`}`);
    this.name = 'CheckKilled';
    this.why = why;
  }
}

export const CHECK_PROGRAM = fileURLToPath(new URL('./process.ts', import.meta.url));
/** Two compilation threads, so that memory does not depend on the number of cores. */
export const CHECK_FLAGS = ['--max-old-space-size=512', '--wasm-num-compilation-tasks=2'];
/** Address space beyond the monitored memory: thread stacks and the engine's reservations, which are never all used. */
const SPARE_BYTES = 1024 * 1024 * 1024;
/** Time limit for a process to start. */
const START_MS = 30_000;
const WATCH_MS = 50;
/** Requests to the API take precedence. */
const NICENESS = 10;

export class CheckProcess {
  readonly #child: ChildProcess;
  readonly #stdin: Writable;
  readonly #stdout: Readable;
  /** Whether it has checked something before, which may be the cause if it grows too large or crashes. */
  isUsed = false;

  /**
   * Starts a process. Resolves once it is ready.
   * @param memoryBytes its maximum resident memory
   */
  static async start(
    confinement: Confinement,
    memoryBytes: number,
    onExit: (process: CheckProcess) => void,
  ): Promise<CheckProcess> {
    const started = new CheckProcess(confinement, memoryBytes, onExit);
    const bounds = { cpuMs: START_MS, wallMs: START_MS, memoryBytes: Infinity };
    await started.#within(bounds, () => started.#nextReply());
    await lowerPriority(started.#child.pid);
    return started;
  }

  private constructor(
    confinement: Confinement,
    memoryBytes: number,
    onExit: (process: CheckProcess) => void,
  ) {
    const setting = process.env['NODE_COMPILE_CACHE'];
    const codeCache = setting === undefined ? undefined : resolve(setting);
    const command = confinement.confine({
      memoryBytes: memoryBytes + SPARE_BYTES,
      codeCache,
      // Nothing else, so that no secret is within reach of an untrusted module.
      env: codeCache === undefined ? {} : { NODE_COMPILE_CACHE: codeCache },
      nodeFlags: CHECK_FLAGS,
    });
    const child = fork(CHECK_PROGRAM, [], {
      ...forkOptions(command),
      serialization: 'advanced',
      stdio: ['pipe', 'pipe', 'ignore', 'ipc'],
    });
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new Error('a check process has no pipes');
    this.#child = child;
    this.#stdin = stdin;
    this.#stdout = stdout;
    child.once('exit', () => onExit(this));
    // Writes to a process that ended fail; its exit is handled instead.
    for (const each of [child, stdin, stdout]) each.on('error', () => undefined);
    // An idle process must not keep this one alive.
    child.unref();
    child.channel?.unref();
    for (const pipe of [stdin, stdout]) if (pipe instanceof Socket) pipe.unref();
  }

  get isAlive(): boolean {
    return this.#child.connected;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Checks one thing at a time. Throws a {@link CheckKilled}, after which the process cannot be used. */
  ask(question: CheckQuestion, bounds: CheckBounds): Promise<CheckAnswer> {
    return this.#within(bounds, async () => {
      const answered = this.#nextReply();
      if (question.kind === 'policy') this.#send({ kind: 'policy', text: question.text });
      else {
        this.#send({ ...question, bytes: question.bytes.length });
        await Promise.race([writeBytes(this.#stdin, question.bytes), answered]);
      }
      const message = await answered;
      this.isUsed = true;
      if (message.kind === 'module') {
        const { report, meteredBytes, imageBytes } = message;
        const both = await readBytes(this.#stdout, meteredBytes + (imageBytes ?? 0));
        const metered = both.subarray(0, meteredBytes);
        const image = imageBytes === undefined ? undefined : both.subarray(meteredBytes);
        return { kind: 'module', module: { metered, image, report } };
      }
      if (message.kind !== 'ready' && message.kind !== 'failed') return message;
      throw new CheckKilled('failed', message.kind === 'failed' ? message.message : message.kind);
    });
  }

  #send(request: CheckRequest): void {
    this.#child.send(request);
  }

  #nextReply(): Promise<CheckReply> {
    return new Promise((resolve) =>
      this.#child.once('message', (reply) => resolve(reply as CheckReply)),
    );
  }

  /** Runs the work, and kills the process if it ends or exceeds a bound. */
  async #within<T>(
    { cpuMs, wallMs, memoryBytes }: CheckBounds,
    work: () => Promise<T>,
  ): Promise<T> {
    const child = this.#child;
    const ended = Promise.withResolvers<never>();
    const onExit = (): void => ended.reject(new CheckKilled('ended'));
    const timer = setTimeout(() => ended.reject(new CheckKilled('late')), wallMs);
    let from: number | undefined;
    const watch = setInterval(() => {
      if (child.pid === undefined) return;
      void residentBytes(child.pid).then((bytes = 0) => {
        if (bytes > memoryBytes) ended.reject(new CheckKilled('large'));
      });
      void processCpuMs(child.pid).then((used = 0) => {
        if (used - (from ??= used) > cpuMs) ended.reject(new CheckKilled('late'));
      });
    }, WATCH_MS);
    child.once('exit', onExit);
    try {
      return await Promise.race([work(), ended.promise]);
    } catch (error) {
      this.kill();
      throw error instanceof CheckKilled ? error : new CheckKilled('failed', String(error));
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      child.off('exit', onExit);
    }
  }
}

/** Lowers the priority of each thread, since Linux sets it by thread and the compiler's have started. */
async function lowerPriority(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [String(pid)]);
  for (const thread of threads) {
    try {
      setPriority(Number(thread), NICENESS);
    } catch {
      // Not permitted on this system: the check keeps its priority.
    }
  }
}
