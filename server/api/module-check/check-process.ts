/** One process that checks: started without anything of ours, watched while it works, killed where it goes too far. */
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
import { giveBytes, takeBytes } from './bytes.ts';
import type {
  CheckedModule,
  CheckedPolicy,
  CheckReply,
  CheckRequest,
  Refused,
  Tier,
} from './messages.ts';

export type Question =
  | { readonly kind: 'module'; readonly bytes: Uint8Array }
  | { readonly kind: 'compile'; readonly tier: Tier; readonly bytes: Uint8Array }
  | { readonly kind: 'policy'; readonly text: string };

export type CheckAnswer =
  | { readonly kind: 'module'; readonly module: CheckedModule }
  | { readonly kind: 'compiled' }
  | { readonly kind: 'policy'; readonly policy: CheckedPolicy }
  | { readonly kind: 'refused'; readonly refused: Refused };

export interface Bounds {
  /** CPU time, watched where the system reports it: a starved machine refuses nobody. */
  readonly cpuMs: number;
  /** Time on the clock. */
  readonly wallMs: number;
  /** Memory in RAM, watched where the system reports it. */
  readonly memoryBytes: number;
}

/** Why a process was killed: it took too long, grew too large, ended by itself (a crash, or no memory), or failed. */
export class CheckKilled extends Error {
  readonly why: 'late' | 'large' | 'ended' | 'failed';
  constructor(why: CheckKilled['why'], detail = '') {
    super(`a checking process was ${why}${detail === '' ? '' : `: ${detail}`}`);
    this.name = 'CheckKilled';
    this.why = why;
  }
}

const PROGRAM = fileURLToPath(new URL('./process.ts', import.meta.url));
/** Beside what is watched: stacks of threads and the engine's own, which are never all used. */
const SPARE_BYTES = 1024 * 1024 * 1024;
/** A started process has so long to say that it is ready. */
const START_MS = 30_000;
const WATCH_MS = 50;
/** Whoever calls the API goes before. */
const NICENESS = 10;

export class CheckProcess {
  readonly #child: ChildProcess;
  readonly #stdin: Writable;
  readonly #stdout: Readable;
  /** Whether it has answered before: what it is refused for then may be for what came earlier. */
  isUsed = false;

  /** Resolves once it can check. @param memoryBytes what it may have */
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
    // Read and not written: a process is ready sooner, and leaves nothing behind.
    const cache = process.env['NODE_COMPILE_CACHE'];
    const command = confinement.confine({
      memoryBytes: memoryBytes + SPARE_BYTES,
      readable: cache === undefined ? [] : [resolve(cache)],
      // Nothing else of this process: no secret is in reach of a stranger's module.
      env: cache === undefined ? {} : { NODE_COMPILE_CACHE: resolve(cache) },
      // Two threads that compile, so that memory does not grow with the machine's cores.
      nodeFlags: ['--max-old-space-size=512', '--wasm-num-compilation-tasks=2'],
    });
    const child = fork(PROGRAM, [], {
      ...forkOptions(command),
      serialization: 'advanced',
      stdio: ['pipe', 'pipe', 'ignore', 'ipc'],
    });
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new Error('a checking process has no pipes');
    this.#child = child;
    this.#stdin = stdin;
    this.#stdout = stdout;
    child.once('exit', () => onExit(this));
    // What comes too late for it; its exit tells the rest.
    for (const each of [child, stdin, stdout]) each.on('error', () => undefined);
    // Idle, it keeps no program from ending.
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

  /** One at a time. Throws a {@link CheckKilled}; the process is of no more use then. */
  ask(question: Question, bounds: Bounds): Promise<CheckAnswer> {
    return this.#within(bounds, async () => {
      const answered = this.#nextReply();
      if (question.kind === 'policy') this.#send({ kind: 'policy', text: question.text });
      else {
        this.#send({ ...question, bytes: question.bytes.length });
        await Promise.race([giveBytes(this.#stdin, question.bytes), answered]);
      }
      const message = await answered;
      this.isUsed = true;
      if (message.kind === 'module') {
        const metered = await takeBytes(this.#stdout, message.meteredBytes);
        return { kind: 'module', module: { metered, report: message.report } };
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

  /** Where the work is late, or the process is gone or too large, the process is killed. */
  async #within<T>({ cpuMs, wallMs, memoryBytes }: Bounds, work: () => Promise<T>): Promise<T> {
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

/** Of each of its threads: Linux keeps it by thread, and the compiler's have started. */
async function lowerPriority(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [String(pid)]);
  for (const thread of threads) {
    try {
      setPriority(Number(thread), NICENESS);
    } catch {
      // A system that does not let us: it is checked at the same priority.
    }
  }
}
